"""The rule language: grammar, tree, compiler, matcher and explanation."""

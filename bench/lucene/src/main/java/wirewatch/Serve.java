package wirewatch;

import com.google.gson.Gson;
import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.OffsetAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.monitor.MatchingQueries;
import org.apache.lucene.monitor.Monitor;
import org.apache.lucene.monitor.MonitorConfiguration;
import org.apache.lucene.monitor.MonitorQuery;
import org.apache.lucene.monitor.MultipassTermFilteredPresearcher;
import org.apache.lucene.monitor.Presearcher;
import org.apache.lucene.monitor.QueryMatch;
import org.apache.lucene.monitor.TermFilteredPresearcher;
import org.apache.lucene.queries.intervals.IntervalQuery;
import org.apache.lucene.queries.intervals.Intervals;
import org.apache.lucene.queries.intervals.IntervalsSource;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.util.QueryBuilder;

/**
 * Serves Lucene Monitor on one thread: reads stored queries and documents (JSON lines), then answers each line of
 * standard input with one line of JSON. {@code pass FROM COUNT} matches documents and gives the processor time; {@code sets PATH
 * COUNT} writes what the first documents match, and their tokens with the offsets where each begins and ends.
 */
public final class Serve {
  private static final String FIELD = "text";
  private static final int WORDS_BETWEEN = 5;
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final Gson GSON = new Gson();

  private record Stored(String id, String kind, List<String> phrases) {}

  private record Pass(int documents, double seconds, long matches, long candidates) {}

  private record Ready(double build_seconds, int queries, int documents) {}

  private record Matched(int document, List<Integer> queries, List<String> tokens, List<int[]> offsets) {}

  private final Analyzer analyzer = new StandardAnalyzer(CharArraySet.EMPTY_SET);
  private final QueryBuilder builder = new QueryBuilder(analyzer);
  private final Monitor monitor;
  private final List<String> texts = new ArrayList<>();

  private Serve(Presearcher presearcher) throws IOException {
    monitor = new Monitor(analyzer, presearcher, new MonitorConfiguration());
  }

  public static void main(String[] arguments) throws IOException {
    var serve = new Serve(presearcher(arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1));
    long used = PROCESS.getProcessCpuTime();
    int queries = serve.store(Path.of(arguments[0]));
    double seconds = since(used);
    try (var lines = Files.lines(Path.of(arguments[1]))) {
      lines.forEach(line -> serve.texts.add(GSON.fromJson(line, String.class)));
    }
    System.out.println(GSON.toJson(new Ready(seconds, queries, serve.texts.size())));
    var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      String[] words = line.split(" ");
      System.out.println(
          GSON.toJson(
              words[0].equals("pass")
                  ? serve.pass(Integer.parseInt(words[1]), Integer.parseInt(words[2]))
                  : serve.sets(Path.of(words[1]), Integer.parseInt(words[2]))));
    }
    serve.monitor.close();
  }

  private static Presearcher presearcher(int passes) {
    return passes == 1 ? new TermFilteredPresearcher() : new MultipassTermFilteredPresearcher(passes);
  }

  private int store(Path path) throws IOException {
    var queries = new ArrayList<MonitorQuery>();
    for (String line : Files.readAllLines(path)) {
      var stored = GSON.fromJson(line, Stored.class);
      queries.add(new MonitorQuery(stored.id(), query(stored)));
    }
    monitor.register(queries);
    return queries.size();
  }

  private Query query(Stored stored) {
    var parts = stored.phrases();
    return switch (stored.kind()) {
      case "phrase" -> phrase(parts.get(0));
      case "and" -> all(Occur.MUST, parts).build();
      case "or" -> all(Occur.SHOULD, parts).build();
      case "near" -> near(parts.get(0), parts.get(1));
      case "not" ->
          new BooleanQuery.Builder()
              .add(all(Occur.SHOULD, parts.subList(0, 2)).build(), Occur.MUST)
              .add(phrase(parts.get(2)), Occur.MUST)
              .add(phrase(parts.get(3)), Occur.MUST_NOT)
              .build();
      default -> throw new IllegalArgumentException("no such kind of query: " + stored.kind());
    };
  }

  private BooleanQuery.Builder all(Occur occur, List<String> phrases) {
    var made = new BooleanQuery.Builder();
    phrases.forEach(text -> made.add(phrase(text), occur));
    return made;
  }

  private Query phrase(String text) {
    return builder.createPhraseQuery(FIELD, text);
  }

  /** In either order, not overlapping. A gap counts the positions between the two, so 5 is five words between. */
  private Query near(String first, String second) {
    var both = Intervals.unorderedNoOverlaps(interval(first), interval(second));
    return new IntervalQuery(FIELD, Intervals.maxgaps(WORDS_BETWEEN, both));
  }

  private IntervalsSource interval(String text) {
    try {
      return Intervals.phrase(tokens(text, new ArrayList<>()).toArray(String[]::new));
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
  }

  private List<String> tokens(String text, List<int[]> offsets) throws IOException {
    var found = new ArrayList<String>();
    try (TokenStream stream = analyzer.tokenStream(FIELD, text)) {
      var term = stream.addAttribute(CharTermAttribute.class);
      var offset = stream.addAttribute(OffsetAttribute.class);
      stream.reset();
      while (stream.incrementToken()) {
        found.add(term.toString());
        offsets.add(
            new int[] {
              text.codePointCount(0, offset.startOffset()), text.codePointCount(0, offset.endOffset())
            });
      }
      stream.end();
    }
    return found;
  }

  private Pass pass(int from, int count) throws IOException {
    long matches = 0;
    long candidates = 0;
    long used = PROCESS.getProcessCpuTime();
    for (int number = from; number < from + count; number++) {
      var found = matching(texts.get(number % texts.size()));
      matches += found.getMatchCount();
      candidates += found.getQueriesRun();
    }
    return new Pass(count, since(used), matches, candidates);
  }

  private MatchingQueries<QueryMatch> matching(String text) throws IOException {
    var document = new Document();
    document.add(new TextField(FIELD, text, Field.Store.NO));
    return monitor.match(document, QueryMatch.SIMPLE_MATCHER);
  }

  private static double since(long used) {
    return (PROCESS.getProcessCpuTime() - used) / 1e9;
  }

  private Map<String, Number> sets(Path path, int count) throws IOException {
    long used = PROCESS.getProcessCpuTime();
    try (BufferedWriter file = Files.newBufferedWriter(path)) {
      for (int number = 0; number < count; number++) {
        var offsets = new ArrayList<int[]>();
        var tokens = tokens(texts.get(number), offsets);
        var queries = new ArrayList<Integer>();
        for (QueryMatch one : matching(texts.get(number)).getMatches()) {
          queries.add(Integer.valueOf(one.getQueryId()));
        }
        file.write(GSON.toJson(new Matched(number, queries, tokens, offsets)));
        file.newLine();
      }
    }
    return Map.of("documents", count, "seconds", since(used));
  }
}

package dev.assay.drill;

import java.nio.file.Path;
import java.time.Duration;

/// The drills by name: `Drills NAME [AMOUNT] [SEED]`. Each starts a mesh of its own, is bounded, and ends with one
/// line that says how it went; the exit code is 0 when all that it promises held.
public final class Drills {

    private static final String USAGE = """
            usage: ./assay drill NAME [AMOUNT] [SEED]
              kill   [KILLS]     kill -9 of a worker in the middle of a training; 100
              chaos  [SECONDS]   random faults while 20 clients submit a mix; 300
              storm  [SECONDS]   200 submissions a second; 20
              follow [STREAMS]   event streams to 200 clients, each broken off once; 10000
              fuzz   [SECONDS]   malformed requests; 60""";

    private Drills() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0) {
            System.err.println(USAGE);
            System.exit(2);
        }
        long seed = arguments.length > 2 ? Long.parseLong(arguments[2]) : System.nanoTime();
        System.out.println("seed " + seed);
        Verdict verdict = run(arguments[0], arguments.length > 1 ? Integer.parseInt(arguments[1]) : 0, seed);
        System.out.println(verdict);
        System.exit(verdict.passed() ? 0 : 1);
    }

    private static Verdict run(String name, int amount, long seed) throws Exception {
        Path checkout = Path.of(System.getProperty("assay.checkout", "")).toAbsolutePath();
        return switch (name) {
            case "kill" -> new KillDrill(checkout, or(amount, 100), seed).run();
            case "chaos" -> new ChaosDrill(checkout, Duration.ofSeconds(or(amount, 300)), seed).run();
            case "storm" -> new StormDrill(checkout, Duration.ofSeconds(or(amount, 20))).run();
            case "follow" -> new FollowDrill(checkout, or(amount, 10_000), seed).run();
            case "fuzz" -> new FuzzDrill(checkout, Duration.ofSeconds(or(amount, 60)), seed).run();
            default -> throw new IllegalArgumentException("there is no drill '" + name + "'\n" + USAGE);
        };
    }

    private static int or(int amount, int usual) {
        return amount > 0 ? amount : usual;
    }
}

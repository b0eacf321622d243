package dev.assay.drill;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// The drills by name: `Drills NAME [AMOUNT] [SEED]`. Each starts a mesh of its own, is bounded, and ends with one
/// line that says how it went; the exit code is 0 when all that it promises held, 1 when not, 2 for bad arguments.
public final class Drills {

    private static final String USAGE = """
            usage: ./assay drill NAME [AMOUNT] [SEED]
              kill   [KILLS]     kill -9 of a worker in the middle of a training; 100, at most 1000
              chaos  [SECONDS]   random faults while 20 clients submit a mix; 300, at most 3600
              storm  [SECONDS]   200 submissions a second; 20, at most 300
              follow [STREAMS]   event streams to 200 clients, each broken off once; 10000, at most 100000
              fuzz   [SECONDS]   malformed requests; 60, at most 3600
              rebuild [JOBS]     a gateway starts and reads so many jobs; 100000, at most 1000000""";

    private enum Drill {
        KILL(100, 1_000),
        CHAOS(300, 3_600),
        STORM(20, 300),
        FOLLOW(10_000, 100_000),
        FUZZ(60, 3_600),
        REBUILD(100_000, 1_000_000);

        private final int usual;
        private final int most;

        Drill(int usual, int most) {
            this.usual = usual;
            this.most = most;
        }

        static Optional<Drill> named(String name) {
            return Optional.ofNullable(
                    switch (name) {
                        case "kill" -> KILL;
                        case "chaos" -> CHAOS;
                        case "storm" -> STORM;
                        case "follow" -> FOLLOW;
                        case "fuzz" -> FUZZ;
                        case "rebuild" -> REBUILD;
                        default -> null;
                    });
        }

        Verdict run(Path checkout, int amount, long seed) throws Exception {
            return switch (this) {
                case KILL -> new KillDrill(checkout, amount, seed).run();
                case CHAOS -> new ChaosDrill(checkout, Duration.ofSeconds(amount), seed).run();
                case STORM -> new StormDrill(checkout, Duration.ofSeconds(amount)).run();
                case FOLLOW -> new FollowDrill(checkout, amount, seed).run();
                case FUZZ -> new FuzzDrill(checkout, Duration.ofSeconds(amount), seed).run();
                case REBUILD -> new RebuildDrill(checkout, amount).run();
            };
        }
    }

    private Drills() {}

    public static void main(String[] arguments) throws Exception {
        Optional<Drill> drill = arguments.length == 0 ? Optional.empty() : Drill.named(arguments[0]);
        if (drill.isEmpty() || arguments.length > 3) {
            System.err.println(USAGE);
            System.exit(2);
            return;
        }
        long amount = arguments.length > 1 ? number(arguments[1]) : drill.get().usual;
        if (amount < 1 || amount > drill.get().most) {
            System.err.println("assay: drill " + arguments[0] + ": give a number from 1 to " + drill.get().most
                    + ", not '" + arguments[1] + "'");
            System.exit(2);
            return;
        }
        long seed = arguments.length > 2 ? number(arguments[2]) : System.nanoTime();
        System.out.println("seed " + seed);
        Path checkout = Path.of(System.getProperty("assay.checkout", "")).toAbsolutePath();
        Verdict verdict = drill.get().run(checkout, (int) amount, seed);
        System.out.println(verdict);
        System.exit(verdict.passed() ? 0 : 1);
    }

    /// 0 for what is no number: no drill takes that.
    private static long number(String text) {
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : 0;
    }
}

package dev.assay.cli;

import static dev.assay.cli.Commands.JSON;
import static dev.assay.cli.Commands.flag;
import static dev.assay.cli.Commands.isGiven;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import dev.assay.cli.mesh.Answers;
import dev.assay.cli.mesh.Gateway;
import dev.assay.cli.mesh.Pages;
import dev.assay.cli.render.Table;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.MeshOverview;
import dev.assay.job.v1.QueueOverview;
import dev.assay.job.v1.WorkerOverview;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// `assay top`: queues, workers and running jobs, drawn again and again on a terminal until Ctrl-C, once elsewhere.
final class TopVerb {

    private static final String ONCE = "--once";
    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final String SHOWN_JOBS = "20";

    /// To the upper left corner, then everything below it empty.
    private static final String ANEW = "\u001b[H\u001b[J";

    private TopVerb() {}

    static CommandSpec command() {
        CommandSpec spec = Commands.of("Watch queues, workers and running jobs.", TopVerb::run);
        spec.addOption(flag(ONCE, "Show them once."));
        spec.addOption(flag(JSON, "Print queues and workers as JSON, once, and nothing else."));
        return spec;
    }

    private static int run(ParseResult arguments, Session session) {
        Gateway gateway = session.gateway();
        Console console = session.console();
        if (isGiven(arguments, JSON)) {
            console.print(gateway.mesh().strip());
            return ExitCode.OK;
        }
        boolean once = isGiven(arguments, ONCE) || console.screen().columns().isEmpty();
        if (once) {
            console.print(lines(gateway));
            return ExitCode.OK;
        }
        while (!Thread.currentThread().isInterrupted()) {
            List<String> lines = lines(gateway);
            console.out().print(ANEW);
            console.print(lines);
            pause();
        }
        return ExitCode.OK;
    }

    private static List<String> lines(Gateway gateway) {
        MeshOverview mesh =
                Answers.read(gateway.mesh(), MeshOverview.newBuilder()).build();
        List<Job> jobs = Pages.elements(
                        gateway.jobs(Map.of("state", "RUNNING", "limit", SHOWN_JOBS)), "jobs", Job::newBuilder)
                .stream()
                .map(Job.Builder::build)
                .toList();
        List<String> lines = new ArrayList<>();
        lines.addAll(table(
                List.of("queue", "waiting", "running", "slots", "oldest waits"),
                mesh.getQueuesList().stream().map(TopVerb::row).toList()));
        lines.add("");
        lines.addAll(table(
                List.of("worker", "capability", "busy", "of", "host"),
                mesh.getWorkersList().stream().map(TopVerb::row).toList()));
        lines.add("");
        lines.addAll(table(
                List.of("running", "operation", "worker", "progress", "for"),
                jobs.stream().map(TopVerb::row).toList()));
        return lines;
    }

    private static List<String> table(List<String> headings, List<List<String>> rows) {
        return new Table(headings, rows).lines("");
    }

    private static List<String> row(QueueOverview queue) {
        String name =
                queue.getDevice().isEmpty() ? queue.getCapability() : queue.getCapability() + "." + queue.getDevice();
        return List.of(
                name,
                Integer.toString(queue.getQueued()),
                Integer.toString(queue.getRunning()),
                Integer.toString(queue.getSlots()),
                queue.getQueued() == 0 ? "-" : time(Duration.ofMillis((long) (queue.getOldestSeconds() * 1000))));
    }

    private static List<String> row(WorkerOverview worker) {
        return List.of(
                worker.getName(),
                worker.getCapability(),
                Integer.toString(worker.getRunning()),
                Integer.toString(worker.getSlots()),
                worker.getHost());
    }

    private static List<String> row(Job job) {
        var progress = job.getProgress();
        String done = progress.getTotal() > 0 ? progress.getDone() + "/" + progress.getTotal() : "";
        return List.of(
                job.getId(),
                job.getCapability() + " " + job.getOperation(),
                job.getWorker(),
                (progress.getPhase() + " " + done).strip(),
                job.hasStartedAt() ? time(since(job.getStartedAt())) : "");
    }

    private static Duration since(Timestamp start) {
        long millis = System.currentTimeMillis() - Timestamps.toMillis(start);
        return Duration.ofMillis(Math.max(0, millis));
    }

    /// `42 s`, `3 min 5 s`, `2 h 10 min`.
    private static String time(Duration duration) {
        if (duration.toMinutes() == 0) {
            return duration.toSeconds() + " s";
        }
        return duration.toHours() == 0
                ? duration.toMinutes() + " min " + duration.toSecondsPart() + " s"
                : duration.toHours() + " h " + duration.toMinutesPart() + " min";
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}

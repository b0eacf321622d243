package dev.assay.cli;

import static dev.assay.cli.Commands.JSON;
import static dev.assay.cli.Commands.OUT;
import static dev.assay.cli.Commands.flag;
import static dev.assay.cli.Commands.isGiven;
import static dev.assay.cli.Commands.option;
import static dev.assay.cli.Commands.parameter;
import static dev.assay.cli.Commands.text;

import com.google.protobuf.util.Timestamps;
import dev.assay.cli.InterruptNotice.Choice;
import dev.assay.cli.flags.FlagValues;
import dev.assay.cli.mesh.Answers;
import dev.assay.cli.mesh.Pages;
import dev.assay.cli.progress.ProgressView;
import dev.assay.cli.render.ResultText;
import dev.assay.cli.render.Table;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Json;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.JobEvent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// `assay jobs …`: what the mesh is doing and has done.
final class JobVerbs {

    private static final String ID = "A job's id.";
    private static final List<String> FILTERS = List.of("capability", "operation", "state", "limit", "cursor");

    private JobVerbs() {}

    static CommandSpec command() {
        Map<String, CommandSpec> verbs = new LinkedHashMap<>();
        verbs.put("list", listCommand());
        verbs.put("show", ofJob("Show a job: state, progress, problem, result, files.", JobVerbs::show));
        verbs.put("follow", followCommand());
        verbs.put("events", ofJob("Show what has happened to a job so far.", JobVerbs::events));
        verbs.put("result", ofJob("Print the result of a job that succeeded.", JobVerbs::result));
        verbs.put("cancel", ofJob("Cancel a job; what it finished stays readable.", JobVerbs::cancel));
        verbs.put("retry", ofJob("Put a job back that failed or was cancelled.", JobVerbs::retry));
        verbs.put("report", reportCommand());
        return Commands.group("What the mesh is doing and has done.", verbs);
    }

    private static CommandSpec listCommand() {
        CommandSpec list = Commands.of("List jobs, newest first.", JobVerbs::list);
        list.addOption(option("--capability", "<name>", "Only jobs of this capability, such as attack."));
        list.addOption(option("--operation", "<name>", "Only jobs of this operation, such as evaluate."));
        list.addOption(
                option("--state", "<name>", "Only jobs in this state: queued, running, succeeded, failed, cancelled."));
        list.addOption(option("--limit", "<integer>", "How many, 1 to 500. Default: 50."));
        list.addOption(option("--cursor", "<text>", "Where the page before ended."));
        list.addOption(flag(JSON, "Print the gateway's JSON, and nothing else."));
        return list;
    }

    private static CommandSpec ofJob(String description, Verb verb) {
        CommandSpec spec = Commands.of(description, verb);
        spec.addPositional(parameter(0, "<id>", ID));
        spec.addOption(flag(JSON, "Print JSON, and nothing else."));
        return spec;
    }

    private static CommandSpec followCommand() {
        CommandSpec spec = ofJob("Wait for a job, showing its progress, and print its result.", JobVerbs::follow);
        spec.addOption(option(OUT, "<folder>", "Download the job's files into this folder."));
        return spec;
    }

    private static CommandSpec reportCommand() {
        CommandSpec report = Commands.of("Download the report of a job: one HTML page.", JobVerbs::report);
        report.addPositional(parameter(0, "<id>", ID));
        report.addOption(option(OUT, "<file>", "Where to. Default: report-<id>.html."));
        return report;
    }

    private static int list(ParseResult arguments, Session session) {
        Map<String, String> filter = new HashMap<>();
        for (String name : FILTERS) {
            text(arguments, "--" + name)
                    .map(value -> name.equals("state") ? value.toUpperCase(Locale.ROOT) : value)
                    .ifPresent(value -> filter.put(name, value));
        }
        String json = session.gateway().jobs(filter);
        if (isGiven(arguments, JSON)) {
            session.console().print(json.strip());
            return ExitCode.OK;
        }
        List<List<String>> rows = Pages.elements(json, "jobs", Job::newBuilder).stream()
                .map(job -> row(job.build()))
                .toList();
        session.console().print(new Table(List.of("id", "operation", "state", "progress", "created"), rows).lines(""));
        Pages.text(json, "nextCursor")
                .ifPresent(cursor -> session.console().note("more: ./assay jobs list --cursor " + cursor));
        return ExitCode.OK;
    }

    private static List<String> row(Job job) {
        var progress = job.getProgress();
        String done = progress.getTotal() > 0 ? progress.getDone() + "/" + progress.getTotal() : "";
        return List.of(
                job.getId(),
                job.getCapability() + " " + job.getOperation(),
                job.getState().name().toLowerCase(Locale.ROOT),
                (progress.getPhase() + " " + done).strip(),
                job.hasCreatedAt() ? Timestamps.toString(job.getCreatedAt()) : "");
    }

    private static int show(ParseResult arguments, Session session) {
        String json = session.gateway().jobJson(parameter(arguments, 0));
        if (isGiven(arguments, JSON)) {
            session.console().print(json.strip());
            return ExitCode.OK;
        }
        Job job = Answers.read(json, Job.newBuilder()).build();
        session.console().print(ResultText.lines(job));
        again(job).ifPresent(command -> session.console().print(List.of("", "again", "  " + command)));
        return ExitCode.OK;
    }

    /// The command that submits the same request.
    private static Optional<String> again(Job job) {
        return Answers.opened(job.getRequest()).map(request -> {
            List<String> words = new ArrayList<>(List.of("./assay", job.getCapability(), job.getOperation()));
            FlagValues.arguments(request).forEach(argument -> words.add(quoted(argument)));
            return String.join(" ", words);
        });
    }

    /// As a shell takes it.
    private static String quoted(String argument) {
        return argument.matches("[A-Za-z0-9_@%+=:,./-]+") ? argument : "'" + argument.replace("'", "'\\''") + "'";
    }

    private static int follow(ParseResult arguments, Session session) {
        String id = parameter(arguments, 0);
        try (ProgressView progress = session.console().progress()) {
            Job job;
            try (InterruptNotice notice = InterruptNotice.of(id, Choice.LEAVE, session.gateway(), progress)) {
                job = new JobRun(session.gateway(), progress).follow(id);
            }
            progress.close();
            OperationVerb.deliver(job, operation(job), arguments, session, progress);
            return ExitCode.OK;
        }
    }

    private static int events(ParseResult arguments, Session session) {
        String json = session.gateway().eventsSoFar(parameter(arguments, 0));
        if (isGiven(arguments, JSON)) {
            session.console().print(json.strip());
            return ExitCode.OK;
        }
        Pages.elements(json, "events", JobEvent::newBuilder)
                .forEach(event -> session.console().print(eventLine(event.build())));
        return ExitCode.OK;
    }

    private static String eventLine(JobEvent event) {
        String what = switch (event.getDetailCase()) {
            case QUEUED -> ("queued " + event.getQueued().getBecause()).strip();
            case STARTED ->
                ("started by " + event.getStarted().getWorker() + " "
                                + event.getStarted().getResumedBecause())
                        .strip();
            case PROGRESS -> {
                var progress = event.getProgress();
                yield "progress " + progress.getPhase() + " " + progress.getDone() + "/" + progress.getTotal();
            }
            case CHECKPOINT ->
                "checkpoint " + event.getCheckpoint().getPosition() + " "
                        + event.getCheckpoint().getArtifact().getDigest();
            case SUCCEEDED -> "succeeded";
            case FAILED -> "failed: " + event.getFailed().getProblem().getDetail();
            case CANCELLED -> ("cancelled " + event.getCancelled().getReason()).strip();
            case DETAIL_NOT_SET -> "an event that this version does not know";
        };
        return Timestamps.toString(event.getTime()) + "  attempt " + event.getAttempt() + "  " + what;
    }

    private static int result(ParseResult arguments, Session session) {
        String id = parameter(arguments, 0);
        Job job = session.gateway().job(id);
        JobRun.requireSucceeded(job);
        OperationVerb.printResult(id, operation(job), arguments, session);
        return ExitCode.OK;
    }

    private static Operation operation(Job job) {
        return Operations.find(job.getCapability(), job.getOperation())
                .orElseThrow(() -> new ProblemException(
                        "unknown-operation",
                        "job " + job.getId(),
                        job.getCapability() + " " + job.getOperation() + " is no operation that this version knows",
                        "use the command line of the gateway's version"));
    }

    private static int cancel(ParseResult arguments, Session session) {
        Job job = session.gateway().cancel(parameter(arguments, 0));
        session.console()
                .print(isGiven(arguments, JSON) ? Json.print(job) : "job " + job.getId() + " is being cancelled");
        return ExitCode.OK;
    }

    private static int retry(ParseResult arguments, Session session) {
        Job job = session.gateway().retry(parameter(arguments, 0));
        session.console().print(isGiven(arguments, JSON) ? Json.print(job) : "job " + job.getId() + " waits again");
        return ExitCode.OK;
    }

    private static int report(ParseResult arguments, Session session) {
        String id = parameter(arguments, 0);
        Path file = Path.of(text(arguments, OUT).orElse("report-" + id + ".html"));
        session.gateway().downloadReport(id, file);
        session.console().print(file.toString());
        return ExitCode.OK;
    }
}

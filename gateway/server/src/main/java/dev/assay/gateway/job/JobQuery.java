package dev.assay.gateway.job;

import dev.assay.computation.ProblemException;
import dev.assay.job.v1.Job;
import dev.assay.worker.JobStates;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// A question for a page of jobs.
///
/// @param operation only these; empty: all
/// @param limit jobs on a page
/// @param cursor where the page before ended; empty for the first
record JobQuery(JobStates.Filter filter, String operation, int limit, String cursor) {

    private static final int DEFAULT_LIMIT = 50;
    private static final int LARGEST_LIMIT = 500;

    /// @throws ProblemException `malformed-field` for a state or a limit that is none
    ///
    /// @param tenant whose jobs are asked for
    static JobQuery of(
            String tenant,
            Optional<String> capability,
            Optional<String> operation,
            Optional<String> state,
            Optional<String> limit,
            Optional<String> cursor) {
        List<Job.State> states = state.map(JobQuery::state).stream().toList();
        return new JobQuery(
                new JobStates.Filter(capability.orElse(""), states, List.of(tenant)),
                operation.orElse(""),
                limit.map(JobQuery::limit).orElse(DEFAULT_LIMIT),
                cursor.orElse(""));
    }

    /// @throws ProblemException `malformed-field` when the cursor comes from nowhere
    JobStates.Page run(JobStates states) {
        if (!cursor.isEmpty() && states.find(cursor).filter(this::isOwn).isEmpty()) {
            throw new ProblemException(
                    "malformed-field",
                    "cursor",
                    "'" + cursor + "' is no cursor of this list",
                    "send the nextCursor of the page before, or none for the first page");
        }
        if (operation.isEmpty()) {
            return states.list(filter, cursor, limit);
        }
        List<Job> found = new ArrayList<>();
        String position = cursor;
        do {
            JobStates.Page page = states.list(filter, position, LARGEST_LIMIT);
            for (Job job : page.jobs()) {
                if (job.getOperation().equals(operation)) {
                    found.add(job);
                    if (found.size() > limit) {
                        List<Job> shown = found.subList(0, limit);
                        return new JobStates.Page(shown, shown.getLast().getId());
                    }
                }
            }
            position = page.next();
        } while (!position.isEmpty());
        return new JobStates.Page(found, "");
    }

    private boolean isOwn(Job job) {
        return filter.tenants().contains(job.getTenant());
    }

    private static Job.State state(String text) {
        return Arrays.stream(Job.State.values())
                .filter(value -> value.name().equals(text.toUpperCase(Locale.ROOT)))
                .filter(value -> value != Job.State.STATE_UNSPECIFIED && value != Job.State.UNRECOGNIZED)
                .findFirst()
                .orElseThrow(() -> new ProblemException(
                        "malformed-field",
                        "state",
                        "there is no state '" + text + "'",
                        "the states are " + stateNames()));
    }

    private static String stateNames() {
        return Arrays.stream(Job.State.values())
                .filter(value -> value != Job.State.STATE_UNSPECIFIED && value != Job.State.UNRECOGNIZED)
                .map(Enum::name)
                .collect(Collectors.joining(", "));
    }

    private static int limit(String text) {
        if (text.matches("\\d{1,3}")) {
            int value = Integer.parseInt(text);
            if (value >= 1 && value <= LARGEST_LIMIT) {
                return value;
            }
        }
        throw new ProblemException(
                "malformed-field",
                "limit",
                "limit is '" + text + "'",
                "send a whole number from 1 to " + LARGEST_LIMIT + ", or none for " + DEFAULT_LIMIT);
    }
}

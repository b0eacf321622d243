package dev.assay.drill;

import dev.assay.job.v1.JobEvent;
import java.util.List;
import java.util.Optional;

/// A job's life as the product promises it, written down a second time and independently: what its events may be,
/// in which order.
final class HistoryModel {

    private enum State {
        NOTHING,
        WAITING,
        RUNNING,
        OVER
    }

    private HistoryModel() {}

    /// What is wrong with a history; empty when it is legal.
    ///
    /// @param mustBeOver whether its last event must be an end
    static Optional<String> fault(List<JobEvent> history, boolean mustBeOver) {
        State state = State.NOTHING;
        int attempt = 0;
        for (JobEvent event : history) {
            State next = next(state, attempt, event);
            if (next == State.NOTHING) {
                return Optional.of("'" + name(event) + "' of attempt " + event.getAttempt() + " after " + state
                        + " of attempt " + attempt + " in " + names(history));
            }
            state = next;
            attempt = event.getAttempt();
        }
        return mustBeOver && state != State.OVER
                ? Optional.of("it ends as " + state + ": " + names(history))
                : Optional.empty();
    }

    static String names(List<JobEvent> history) {
        return history.stream()
                .map(event -> name(event) + "/" + event.getAttempt())
                .toList()
                .toString();
    }

    private static String name(JobEvent event) {
        return event.getDetailCase().name().toLowerCase(java.util.Locale.ROOT);
    }

    /// NOTHING: illegal.
    private static State next(State state, int attempt, JobEvent event) {
        int now = event.getAttempt();
        return switch (event.getDetailCase()) {
            case QUEUED ->
                switch (state) {
                    case NOTHING -> now == 0 ? State.WAITING : State.NOTHING;
                    case RUNNING -> now == attempt ? State.WAITING : State.NOTHING;
                    case OVER -> now > attempt ? State.WAITING : State.NOTHING;
                    case WAITING -> State.NOTHING;
                };
            case STARTED ->
                (state == State.WAITING || state == State.RUNNING) && now > attempt ? State.RUNNING : State.NOTHING;
            case PROGRESS, CHECKPOINT -> state == State.RUNNING && now == attempt ? State.RUNNING : State.NOTHING;
            case SUCCEEDED -> state == State.RUNNING && now == attempt ? State.OVER : State.NOTHING;
            case FAILED, CANCELLED ->
                (state == State.WAITING || state == State.RUNNING) && now >= attempt ? State.OVER : State.NOTHING;
            case DETAIL_NOT_SET -> State.NOTHING;
        };
    }
}

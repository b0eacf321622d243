package dev.assay.worker;

import com.google.protobuf.Message;
import dev.assay.computation.ProblemException;
import java.util.Map;
import java.util.function.Consumer;

/// The jobs that a job submits and whose answers it reduces. They are ordinary jobs: any worker takes them. Each
/// has a key within its parent, so that a parent that starts again finds the children it had, with what they
/// answered. Cancelling the parent cancels them; when the parent fails, so do those that are left. Used on the
/// handler's thread.
///
/// A parent holds a slot of its worker while it waits: it must not wait for children of its own capability unless
/// other slots are left for them.
public interface Children {

    /// A child by its key, and its job as it is now.
    record Child(String key, dev.assay.job.v1.Job job) {}

    /// Submits a child, or finds the one that this parent submitted under this key before. One that has failed or
    /// was cancelled is put back when its parent was put back since.
    ///
    /// @param key 1 to 200 characters, the same one for the same child whenever the parent runs
    /// @throws dev.assay.contract.InvalidRequestException naming each field and the bound it breaks
    /// @throws ProblemException `idempotency-conflict` when the key came with another request before;
    ///     `mesh-unavailable`
    void submit(String key, Message request);

    /// Children that are not over, or over and not handed out by {@link #next()} yet.
    int unfinished();

    /// Calls `listener` whenever a child that runs has told how far it is, on a thread of the mesh: it must be quick.
    void onProgress(Consumer<Child> listener);

    /// Waits for the next child to be over.
    ///
    /// @return final: succeeded, failed or cancelled
    /// @throws dev.assay.computation.CancelledException when the parent should stop
    /// @throws IllegalStateException when there is no child to wait for
    Child next() throws InterruptedException;

    /// Submits children and reduces their answers as they come.
    ///
    /// @param requests by key, submitted in this order
    /// @param inFlight how many may be unfinished at a time, at least 1
    /// @param reduce what becomes of each; an exception ends the loop, and the parent with it
    default void forEach(Map<String, ? extends Message> requests, int inFlight, Consumer<Child> reduce)
            throws InterruptedException {
        for (var request : requests.entrySet()) {
            while (unfinished() >= inFlight) {
                reduce.accept(next());
            }
            submit(request.getKey(), request.getValue());
        }
        while (unfinished() > 0) {
            reduce.accept(next());
        }
    }
}

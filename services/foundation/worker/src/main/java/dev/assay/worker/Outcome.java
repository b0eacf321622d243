package dev.assay.worker;

import com.google.protobuf.Message;
import dev.assay.job.v1.Problem;

/// How an attempt ended.
sealed interface Outcome {

    record Succeeded(Message result) implements Outcome {}

    record Failed(Problem problem) implements Outcome {}

    record Cancelled(String reason) implements Outcome {}

    /// The job is not over, and another worker has it.
    record Superseded(String why) implements Outcome {}

    /// The job is not over, and this worker is stopping: the job goes back to the queue.
    record HandedBack(String why) implements Outcome {}
}

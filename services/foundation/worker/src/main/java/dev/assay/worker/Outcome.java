package dev.assay.worker;

import com.google.protobuf.Message;
import dev.assay.job.v1.Problem;

/// How an attempt ended.
sealed interface Outcome {

    record Succeeded(Message result) implements Outcome {}

    record Failed(Problem problem) implements Outcome {}

    record Cancelled(String reason) implements Outcome {}

    /// The job is not over, but this worker has nothing more to say about it: it went to another worker, or
    /// this one is stopping.
    record Abandoned(String why) implements Outcome {}
}

package dev.assay.worker;

import com.google.protobuf.Message;
import dev.assay.contract.Operation;

/// Answers the requests of one operation. A service declares one bean per operation:
///
/// ```java
/// @ApplicationScoped
/// class EvaluateHandler implements JobHandler<EvaluateRequest, EvaluateResult> {
///     @Override
///     public EvaluateResult run(Job<EvaluateRequest> job) { … }
/// }
/// ```
///
/// The operation is the one whose request is `Q`. A handler may be called for several jobs at once, and more
/// than once for the same job (after a crash): what it does must be harmless to repeat.
///
/// @param <Q> the operation's request, such as `EvaluateRequest`
/// @param <R> the operation's result, such as `EvaluateResult`
public interface JobHandler<Q extends Message, R extends Message> {

    /// Does the work of one job: read its artifacts, call the core, attach what it made, answer.
    ///
    /// @return the result; never null
    /// @throws dev.assay.computation.ProblemException when the job fails for a reason that its user can act on
    /// @throws dev.assay.computation.CancelledException from {@link Job#progress()}: let it pass
    /// @throws Exception anything else fails the job as `internal-error`; the stack trace goes to the log only
    R run(Job<Q> job) throws Exception;

    /// The operation that this handler answers, found by the type of its request.
    ///
    /// @throws IllegalStateException if the class does not name a request type of the contracts
    default Operation operation() {
        return HandledOperation.of(getClass());
    }
}

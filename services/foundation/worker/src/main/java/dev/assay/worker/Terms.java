package dev.assay.worker;

import dev.assay.computation.ProblemException;
import dev.assay.contract.Tenant;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Priority;
import java.util.Locale;

/// What is agreed about a job besides its request: whose it is, how urgent, and who is told of its end.
///
/// @param tenant who the job belongs to; empty where nobody tells tenants apart
/// @param callback the address that is told of the job's end; empty: none
public record Terms(String tenant, Priority priority, String callback) {

    /// The tenant that has no name, interactive, no callback.
    public static final Terms USUAL = new Terms(Tenant.NAMELESS, Priority.INTERACTIVE, "");

    /// @throws ProblemException `malformed-field` naming `tenant` or `priority`
    public Terms {
        Tenant.requireName(tenant);
        if (priority == Priority.UNRECOGNIZED) {
            throw unknownPriority("this");
        }
        if (priority == Priority.PRIORITY_UNSPECIFIED) {
            priority = Priority.INTERACTIVE;
        }
    }

    static Terms of(Job job) {
        return new Terms(job.getTenant(), job.getPriority(), job.getCallback());
    }

    /// A job's children share its terms; its callback is its own.
    static Terms ofChildrenOf(Job job) {
        return new Terms(job.getTenant(), job.getPriority(), "");
    }

    /// @param name `interactive` or `batch`; empty: interactive
    /// @throws ProblemException `malformed-field` naming `priority`
    public static Priority priority(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "", "interactive" -> Priority.INTERACTIVE;
            case "batch" -> Priority.BATCH;
            default -> throw unknownPriority("'" + name + "'");
        };
    }

    private static ProblemException unknownPriority(String what) {
        return new ProblemException(
                "malformed-field", "priority", what + " is no priority", "write interactive or batch");
    }
}

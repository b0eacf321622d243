package dev.assay.autodiff;

import dev.assay.computation.ProblemException;
import dev.assay.onnx.Node;
import java.util.List;

/// An operator on the way from what is differentiated with respect to, to what is differentiated, has no
/// derivative rule. Never a wrong number instead.
public final class UnsupportedOperatorException extends ProblemException {

    private static final long serialVersionUID = 1;

    private final String operator;
    private final String node;
    private final List<String> path;

    /// @param path descriptions of the nodes from the input to this one, which is the last
    public UnsupportedOperatorException(Node node, String form, List<String> path) {
        super(
                "unsupported-operator",
                node.describe(),
                "no derivative is known of " + node.describe() + (form.isEmpty() ? "" : " with " + form)
                        + "; it lies on the way " + abbreviated(path),
                "export the model without this operator, or with simpler ones in its place; "
                        + "docs/autodiff.md lists what can be differentiated");
        this.operator = node.domain().isEmpty() ? node.operator() : node.domain() + "." + node.operator();
        this.node = node.describe();
        this.path = List.copyOf(path);
    }

    public String operator() {
        return operator;
    }

    /// The node, as {@link Node#describe()} tells it.
    public String node() {
        return node;
    }

    /// From the input to the node.
    public List<String> path() {
        return path;
    }

    private static String abbreviated(List<String> path) {
        if (path.size() <= 7) {
            return String.join(" → ", path);
        }
        return String.join(" → ", path.subList(0, 3)) + " → … → "
                + String.join(" → ", path.subList(path.size() - 3, path.size()));
    }
}

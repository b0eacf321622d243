package dev.assay.runtime;

import dev.assay.onnx.Attribute;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.Node;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import java.util.List;
import java.util.Map;

/// Small graphs for the tests.
final class Graphs {

    private Graphs() {}

    /// y[N,2] = x[N,3] · w + 1, with w[i][j] = i + j.
    static Graph linear(long batch) {
        GraphBuilder g = GraphBuilder.empty("linear");
        Value x = g.input("x", ElementType.FLOAT, batch, 3);
        Value w = g.initializer("w", TensorData.ofFloats(new float[] {0, 1, 1, 2, 2, 3}, 3, 2));
        return g.output("y", g.add(g.matMul(x, w), g.scalar(1)), ElementType.FLOAT, batch, 2)
                .build();
    }

    /// y = x · x · … over `trips` rounds of a Loop on an n×n matrix, kept finite by a division.
    static Graph loop(long trips, long n) {
        GraphBuilder g = GraphBuilder.empty("loop");
        Value x = g.input("x", ElementType.FLOAT, n, n);
        Value trip = g.initializer("trips", TensorData.ofLongs(new long[] {trips}));
        Value keepGoing = g.constant(TensorData.ofDoubles(ElementType.BOOL, new double[] {1}));
        GraphBuilder body = GraphBuilder.body("round", g);
        body.input("round", ElementType.INT64);
        Value condition = body.input("condition", ElementType.BOOL);
        Value state = body.input("state", ElementType.FLOAT, n, n);
        Value next = body.div(body.matMul(state, state), body.scalar((float) n));
        body.output("condition_out", condition, ElementType.BOOL).output("state_out", next, ElementType.FLOAT, n, n);
        Value result = g.freshValue("result");
        g.add(Node.of(
                "Loop",
                List.of(trip, keepGoing, x),
                List.of(result),
                Map.of("body", new Attribute.Subgraph(body.buildBody()))));
        return g.output("y", result, ElementType.FLOAT, n, n).build();
    }
}

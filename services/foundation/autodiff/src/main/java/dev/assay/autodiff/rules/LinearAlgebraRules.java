package dev.assay.autodiff.rules;

import static dev.assay.autodiff.rules.GradientBuilder.concatenated;
import static dev.assay.autodiff.rules.GradientBuilder.product;

import dev.assay.onnx.Attribute;
import dev.assay.onnx.Node;
import dev.assay.onnx.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Matrix products.
final class LinearAlgebraRules {

    private LinearAlgebraRules() {}

    static void register(RuleTable table) {
        table.one("MatMul", LinearAlgebraRules::matMul)
                .one("Gemm", LinearAlgebraRules::gemm)
                .one("Einsum", EinsumRule::einsum);
    }

    /// Y = A·B over the last two axes: dA = dY·Bᵀ, dB = Aᵀ·dY, summed over the batch axes along which one was
    /// repeated. A vector A is a row, a vector B a column.
    private static List<Value> matMul(Node n, Value dy, GradientBuilder g) {
        Value a = n.input(0);
        Value b = n.input(1);
        long[] shapeA = g.rank(a) == 1 ? new long[] {1, g.shapeOf(a)[0]} : g.shapeOf(a);
        long[] shapeB = g.rank(b) == 1 ? new long[] {g.shapeOf(b)[0], 1} : g.shapeOf(b);
        long rows = shapeA[shapeA.length - 2];
        long inner = shapeA[shapeA.length - 1];
        long columns = shapeB[shapeB.length - 1];
        int vectors = (g.rank(a) == 1 ? 1 : 0) + (g.rank(b) == 1 ? 1 : 0);
        long[] shapeY = g.shapeOf(n.output(0));
        int batchRank = shapeY.length - (2 - vectors);
        long[] batch = Arrays.copyOf(shapeY, batchRank);
        Value y = vectors == 0 ? dy : g.reshape(dy, concatenated(batch, rows, columns));

        Value da = Value.ABSENT;
        if (g.wants(a)) {
            Value matrixB = g.rank(b) == 1 ? g.reshape(b, shapeB) : b;
            Value full = g.matMul(y, g.transposeLast(matrixB, shapeB.length));
            Value summed = g.unbroadcast(full, concatenated(batch, rows, inner), shapeA);
            da = g.rank(a) == 1 ? g.reshapeLike(summed, a) : summed;
        }
        if (!g.wants(b)) {
            return List.of(da);
        }
        Value db;
        if (shapeB.length == 2) {
            // A linear layer on many positions: one product of flat matrices instead of a batch of them and a sum.
            long positions = product(batch) * rows;
            Value flatA = g.reshape(a, positions, inner);
            Value flatY = g.reshape(dy, positions, columns);
            db = g.matMul(g.transpose(flatA, 1, 0), flatY);
            db = shapeA.length == 2 && vectors == 0 ? g.matMul(g.transpose(a, 1, 0), dy) : db;
        } else {
            Value matrixA = g.rank(a) == 1 ? g.reshape(a, shapeA) : a;
            Value full = g.matMul(g.transposeLast(matrixA, shapeA.length), y);
            db = g.unbroadcast(full, concatenated(batch, inner, columns), shapeB);
        }
        return List.of(da, g.rank(b) == 1 ? g.reshapeLike(db, b) : db);
    }

    /// Y = α·A'·B' + β·C, where ' transposes if asked: dA' = α·dY·B'ᵀ, dB' = α·A'ᵀ·dY, dC = β·dY.
    private static List<Value> gemm(Node n, Value dy, GradientBuilder g) {
        Value a = n.input(0);
        Value b = n.input(1);
        boolean transA = n.flag("transA");
        boolean transB = n.flag("transB");
        float alpha = n.real("alpha", 1f);
        Value da = !g.wants(a)
                ? Value.ABSENT
                : transA
                        ? matrixProduct(g, b, transB, dy, true, alpha)
                        : matrixProduct(g, dy, false, b, !transB, alpha);
        Value db = !g.wants(b)
                ? Value.ABSENT
                : transB
                        ? matrixProduct(g, dy, true, a, transA, alpha)
                        : matrixProduct(g, a, !transA, dy, false, alpha);
        if (!n.hasInput(2)) {
            return List.of(da, db);
        }
        Value dc = g.unbroadcast(dy, n.output(0), n.input(2));
        return List.of(da, db, g.scaled(dc, g.typeOf(n.input(2)), n.real("beta", 1f)));
    }

    private static Value matrixProduct(
            GradientBuilder g, Value left, boolean transLeft, Value right, boolean transRight, float alpha) {
        return g.node(
                "Gemm",
                List.of(left, right),
                Map.of(
                        "transA",
                        Attribute.of(transLeft ? 1L : 0L),
                        "transB",
                        Attribute.of(transRight ? 1L : 0L),
                        "alpha",
                        Attribute.of(alpha)));
    }
}

package dev.assay.autodiff.rules;

import dev.assay.onnx.Attribute;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.Node;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// Appends gradient nodes to a forward graph whose shapes are all known. Equal nodes are appended once, so a
/// rule may ask for the same subexpression as often as it reads well.
public final class GradientBuilder extends GraphBuilder {

    /// The type and the concrete shape of a value.
    public record Type(ElementType element, List<Long> shape) {
        public Type {
            shape = List.copyOf(shape);
        }
    }

    private record Cast(Value source, ElementType sourceType) {}

    private record Expression(String operator, List<Value> inputs, int outputs, Map<String, Attribute> attributes) {}

    private final Map<String, Type> types;
    private final Map<String, TensorData> constants;
    private final Set<String> wanted;
    private final Map<String, Node> producers;
    private final Map<Value, Cast> casts = new HashMap<>();
    private final Map<Expression, List<Value>> expressions = new HashMap<>();

    /// @param types of every value of `forward`
    /// @param constants values of `forward` that are the same in every run, as far as known
    /// @param wanted values whose cotangent is of use
    public GradientBuilder(
            Graph forward, Map<String, Type> types, Map<String, TensorData> constants, Set<String> wanted) {
        super(forward.name());
        take(forward);
        this.types = Map.copyOf(types);
        this.constants = Map.copyOf(constants);
        this.wanted = Set.copyOf(wanted);
        this.producers = new HashMap<>(forward.producers());
    }

    /// Whether the cotangent of this value is of use; a rule may spare itself the work otherwise.
    public boolean wants(Value value) {
        return wanted.contains(value.name());
    }

    public ElementType typeOf(Value value) {
        return known(value).element();
    }

    public long[] shapeOf(Value value) {
        return known(value).shape().stream().mapToLong(Long::longValue).toArray();
    }

    public int rank(Value value) {
        return known(value).shape().size();
    }

    public long size(Value value) {
        return product(shapeOf(value));
    }

    private Type known(Value value) {
        Type type = types.get(value.name());
        if (type == null) {
            throw new IllegalStateException("the type of '" + value + "' is not known");
        }
        return type;
    }

    /// The elements of a value of the forward graph that is the same in every run, if they are known.
    public Optional<TensorData> constantOf(Value value) {
        return Optional.ofNullable(constants.get(value.name()));
    }

    /// Whether the value is computed by this operator.
    public boolean isFrom(Value value, String operator) {
        Node producer = producers.get(value.name());
        return producer != null && producer.is(operator);
    }

    /// An output of a forward node; asks the node for it if it was left out.
    public Value extraOutput(Node node, int index) {
        Node current = producers.get(firstOutput(node));
        if (current.hasOutput(index)) {
            return current.output(index);
        }
        List<Value> outputs = new ArrayList<>(current.outputs());
        while (outputs.size() <= index) {
            outputs.add(Value.ABSENT);
        }
        outputs.set(index, freshValue(firstOutput(node) + ".out" + index));
        Node replacement = current.withOutputs(outputs);
        replace(current, replacement);
        outputs.stream().filter(Value::isPresent).forEach(output -> producers.put(output.name(), replacement));
        return outputs.get(index);
    }

    private static String firstOutput(Node node) {
        return node.outputs().stream()
                .filter(Value::isPresent)
                .findFirst()
                .orElseThrow()
                .name();
    }

    @Override
    public List<Value> node(String operator, List<Value> inputs, int count, Map<String, Attribute> attributes) {
        Expression expression = new Expression(operator, List.copyOf(inputs), count, Map.copyOf(attributes));
        List<Value> before = expressions.get(expression);
        if (before != null) {
            return before;
        }
        List<Value> results = super.node(operator, inputs, count, attributes);
        expressions.put(expression, results);
        return results;
    }

    @Override
    protected String hint(String operator, Map<String, Attribute> attributes) {
        return "vjp." + operator.toLowerCase(Locale.ROOT);
    }

    /// A cotangent of type `from` in the type `to`. One that was itself cast from there is taken as it was,
    /// without the rounding in between.
    public Value castBack(Value cotangent, ElementType from, ElementType to) {
        Cast made = casts.get(cotangent);
        if (made != null && made.sourceType() == to) {
            return made.source();
        }
        Value result = cast(cotangent, to);
        casts.put(result, new Cast(cotangent, from));
        return result;
    }

    /// A scalar of the element type of `x`.
    public Value like(Value x, double value) {
        return scalar(typeOf(x), value);
    }

    /// Zeros in the shape and type of `x`.
    public Value zerosLike(Value x) {
        return zeros(typeOf(x), shapeOf(x));
    }

    /// `x · factor` with a number known now.
    public Value scaled(Value x, ElementType type, double factor) {
        return factor == 1 ? x : mul(x, scalar(type, factor));
    }

    /// 1 where the condition holds, 0 elsewhere, in the type of `x`.
    public Value indicator(Value condition, Value x) {
        return cast(condition, typeOf(x));
    }

    /// `dy` where the condition holds, 0 elsewhere. Not a product: `dy` may be infinite where the condition is
    /// false.
    public Value masked(Value condition, Value dy, Value typedLike) {
        return where(condition, dy, like(typedLike, 0));
    }

    /// The cotangent, or zeros where there is none.
    public Value orZeros(Value cotangent, Value like) {
        return cotangent.isPresent() ? cotangent : zerosLike(like);
    }

    /// Reverses broadcasting: sums `v`, which has the shape of `from`, down to the shape of `to`.
    public Value unbroadcast(Value v, Value from, Value to) {
        return unbroadcast(v, shapeOf(from), shapeOf(to));
    }

    /// Reverses broadcasting: sums `v` of shape `from` over the axes along which a tensor of shape `to` was
    /// repeated.
    public Value unbroadcast(Value v, long[] from, long[] to) {
        int added = from.length - to.length;
        long[] axes = IntStream.range(0, from.length)
                .filter(axis -> axis < added || (to[axis - added] == 1 && from[axis] != 1))
                .asLongStream()
                .toArray();
        if (axes.length == 0) {
            return v;
        }
        Value reduced = reduceSum(v, ReducedAxes.KEPT, axes);
        return added == 0 ? reduced : reshape(reduced, to);
    }

    /// `v` in the shape of `like`.
    public Value reshapeLike(Value v, Value like) {
        return reshape(v, shapeOf(like));
    }

    /// Sums over axes that may be none.
    public Value sumOver(Value v, long... axes) {
        return axes.length == 0 ? v : reduceSum(v, ReducedAxes.DROPPED, axes);
    }

    /// Exchanges the last two axes.
    public Value transposeLast(Value v, int rank) {
        long[] permutation = LongStream.range(0, rank).toArray();
        permutation[rank - 1] = rank - 2L;
        permutation[rank - 2] = rank - 1L;
        return transpose(v, permutation);
    }

    /// Applies `matrix` [from, to] along one axis of a value of the given rank.
    public Value alongAxis(Value v, int rank, int axis, Value matrix) {
        if (axis == rank - 1) {
            return rank == 1 ? squeeze(matMul(unsqueeze(v, 0), matrix), 0) : matMul(v, matrix);
        }
        long[] exchange = LongStream.range(0, rank).toArray();
        exchange[axis] = rank - 1L;
        exchange[rank - 1] = axis;
        return transpose(matMul(transpose(v, exchange), matrix), exchange);
    }

    /// The axis counted from the front.
    public static int axis(long axis, int rank) {
        return Math.toIntExact(axis < 0 ? axis + rank : axis);
    }

    public static long product(long... lengths) {
        return Arrays.stream(lengths).reduce(1, Math::multiplyExact);
    }

    /// `from`, `from + 1`, … before `to`.
    public static long[] range(long from, long to) {
        return LongStream.range(from, to).toArray();
    }

    public static long[] concatenated(long[] first, long... second) {
        return LongStream.concat(Arrays.stream(first), Arrays.stream(second)).toArray();
    }
}

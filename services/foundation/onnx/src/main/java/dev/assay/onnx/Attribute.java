package dev.assay.onnx;

import java.nio.ByteBuffer;
import java.util.List;

/// A compile-time parameter of a node.
public sealed interface Attribute {

    record FloatValue(float value) implements Attribute {}

    record IntValue(long value) implements Attribute {}

    record Text(String value) implements Attribute {}

    record Tensor(TensorData value) implements Attribute {}

    record Subgraph(Graph value) implements Attribute {}

    record Floats(List<Float> values) implements Attribute {
        public Floats {
            values = List.copyOf(values);
        }
    }

    record Ints(List<Long> values) implements Attribute {
        public Ints {
            values = List.copyOf(values);
        }

        public long[] toArray() {
            return values.stream().mapToLong(Long::longValue).toArray();
        }
    }

    record Texts(List<String> values) implements Attribute {
        public Texts {
            values = List.copyOf(values);
        }
    }

    record Tensors(List<TensorData> values) implements Attribute {
        public Tensors {
            values = List.copyOf(values);
        }
    }

    record Subgraphs(List<Graph> values) implements Attribute {
        public Subgraphs {
            values = List.copyOf(values);
        }
    }

    /// In the body of a function: the value of the calling node's attribute `name`.
    record Reference(String name, int typeCode) implements Attribute {}

    /// A kind of attribute that Assay only carries along (sparse tensors, types), as its encoded message.
    record Opaque(ByteBuffer message) implements Attribute {
        public Opaque {
            message = message.asReadOnlyBuffer();
        }
    }

    static Attribute of(float value) {
        return new FloatValue(value);
    }

    static Attribute of(long value) {
        return new IntValue(value);
    }

    static Attribute of(String value) {
        return new Text(value);
    }

    static Attribute of(long... values) {
        return new Ints(java.util.Arrays.stream(values).boxed().toList());
    }

    static Attribute of(TensorData value) {
        return new Tensor(value);
    }

    static Attribute of(Graph value) {
        return new Subgraph(value);
    }
}

package dev.assay.onnx;

import com.google.protobuf.ByteString;
import dev.assay.computation.ProblemException;
import dev.assay.onnx.proto.StringStringEntryProto;
import dev.assay.onnx.proto.TensorProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Leaves the weights of a model where they are stored: protobuf parses only what lies on the heap, and a model of a
/// gigabyte is small without its weights. Each initializer of at least {@link #SMALLEST} bytes that is stored as raw
/// bytes, or as packed floats or doubles (which are the same bytes), becomes external data that lies inside the
/// model's own file. The numbers of fields are those of onnx.proto.
final class WeightsInPlace {

    /// Names the model's own file as the place of external data; no path holds a NUL.
    static final String LOCATION = "\0";

    private static final int SMALLEST = 4096;
    private static final int GRAPH = 7;
    private static final int INITIALIZER = 5;
    private static final int VARINT = 0;
    private static final int LENGTH_DELIMITED = 2;

    /// The part of the heap that an encoded model may take: it is held as bytes, as messages, and as a graph.
    private static final long SHARE_OF_HEAP = 8;

    /// @param start of the tag
    private record Field(int number, int wireType, int start, int content, int end) {}

    private final ByteBuffer file;
    private final String name;
    private final long limit;

    private WeightsInPlace(ByteBuffer file, String name, long limit) {
        this.file = file.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        this.name = name;
        this.limit = limit;
    }

    /// The encoded model without the weights.
    ///
    /// @param name of the file, for problems
    /// @throws MalformedModelException if the file is cut off or not protobuf
    /// @throws ProblemException `model-too-large` when what is left does not fit into this process
    static ByteString outline(ByteBuffer file, String name) {
        return outline(file, name, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
    }

    static ByteString outline(ByteBuffer file, String name, long limit) {
        var model = new WeightsInPlace(file, name, limit);
        return model.rewritten(
                0,
                file.limit(),
                GRAPH,
                graph -> Optional.of(
                        model.rewritten(graph.content(), graph.end(), INITIALIZER, model::withoutElements)));
    }

    /// A message with some of its fields replaced.
    private ByteString rewritten(int from, int to, int number, Function<Field, Optional<ByteString>> replacement) {
        ByteString.Output out = ByteString.newOutput();
        int copied = from;
        for (int position = from; position < to; ) {
            Field field = field(position, to);
            if (field.number() == number && field.wireType() == LENGTH_DELIMITED) {
                Optional<ByteString> replaced = replacement.apply(field);
                if (replaced.isPresent()) {
                    copy(copied, field.start(), out);
                    writeVarint(number << 3 | LENGTH_DELIMITED, out);
                    writeVarint(replaced.get().size(), out);
                    write(replaced.get(), out);
                    copied = field.end();
                }
            }
            position = field.end();
        }
        copy(copied, to, out);
        return out.toByteString();
    }

    /// The tensor with a note where its elements lie; empty when they are few, or stored in another way, which the
    /// reader then copes with or refuses.
    private Optional<ByteString> withoutElements(Field tensor) {
        if (tensor.end() - tensor.content() < SMALLEST) {
            return Optional.empty();
        }
        TensorProto.Builder outline = TensorProto.newBuilder();
        List<Field> elements = new ArrayList<>();
        for (int position = tensor.content(); position < tensor.end(); ) {
            Field field = field(position, tensor.end());
            position = field.end();
            boolean packed = field.wireType() == LENGTH_DELIMITED;
            switch (field.number()) {
                case 1 -> addDimensions(field, outline);
                case 2 -> outline.setDataType((int) varint(field.content(), field.end()));
                case 8 -> outline.setNameBytes(bytes(field));
                case 4, 9, 10 -> {
                    if (!packed) {
                        return Optional.empty();
                    }
                    elements.add(field);
                }
                case 12, 16 -> {} // documentation and metadata, which a graph does not keep
                default -> {
                    return Optional.empty();
                }
            }
        }
        try {
            if (elements.size() != 1 || !holdsElements(outline, elements.getFirst())) {
                return Optional.empty();
            }
        } catch (MalformedModelException toldByTheReader) {
            return Optional.empty();
        }
        Field stored = elements.getFirst();
        return Optional.of(outline.setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", LOCATION))
                .addExternalData(entry("offset", Integer.toString(stored.content())))
                .addExternalData(entry("length", Integer.toString(stored.end() - stored.content())))
                .build()
                .toByteString());
    }

    private static boolean holdsElements(TensorProto.Builder tensor, Field stored) {
        int length = stored.end() - stored.content();
        ElementType type = ElementType.ofCode(tensor.getDataType());
        boolean asStored = switch (stored.number()) {
            case 4 -> type == ElementType.FLOAT || type == ElementType.COMPLEX64;
            case 10 -> type == ElementType.DOUBLE || type == ElementType.COMPLEX128;
            default -> type != ElementType.STRING && type != ElementType.UNDEFINED;
        };
        long[] dims = tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
        return length >= SMALLEST && asStored && TensorData.byteSize(type, dims) == length;
    }

    private void addDimensions(Field field, TensorProto.Builder outline) {
        for (int position = field.content(); position < field.end(); position = endOfVarint(position, field.end())) {
            outline.addDims(varint(position, field.end()));
        }
    }

    private Field field(int start, int to) {
        long tag = varint(start, to);
        int content = endOfVarint(start, to);
        int wireType = (int) tag & 7;
        long end = switch (wireType) {
            case VARINT -> endOfVarint(content, to);
            case 1 -> content + 8L;
            case LENGTH_DELIMITED -> {
                long length = varint(content, to);
                content = endOfVarint(content, to);
                yield length < 0 ? Long.MAX_VALUE : content + length;
            }
            case 5 -> content + 4L;
            default -> throw malformed("holds a part of no known kind at byte " + start);
        };
        if (end > to || end < 0) {
            throw malformed("ends inside the part at byte " + start);
        }
        return new Field((int) (tag >>> 3), wireType, start, content, (int) end);
    }

    private long varint(int position, int to) {
        long value = 0;
        int end = endOfVarint(position, to);
        for (int at = position; at < end; at++) {
            value |= (long) (file.get(at) & 0x7F) << 7 * (at - position);
        }
        return value;
    }

    private int endOfVarint(int position, int to) {
        for (int at = position; at < to && at < position + 10; at++) {
            if (file.get(at) >= 0) {
                return at + 1;
            }
        }
        throw malformed("ends inside a number at byte " + position);
    }

    private ByteString bytes(Field field) {
        return ByteString.copyFrom(file.slice(field.content(), field.end() - field.content()));
    }

    private void copy(int from, int to, ByteString.Output out) {
        if (out.size() + (long) to - from > limit) {
            throw new ProblemException(
                    "model-too-large",
                    name,
                    "the model has more than " + limit + " bytes besides the weights that can stay in their file",
                    "store the weights as raw data of initializers, as exporters do, or give this process more memory");
        }
        byte[] chunk = new byte[Math.min(to - from, 1 << 16)];
        for (int position = from; position < to; position += chunk.length) {
            int length = Math.min(chunk.length, to - position);
            file.get(position, chunk, 0, length);
            out.write(chunk, 0, length);
        }
    }

    private static void write(ByteString bytes, ByteString.Output out) {
        try {
            bytes.writeTo(out);
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory refuses nothing", impossible);
        }
    }

    private static void writeVarint(int value, ByteString.Output out) {
        int rest = value;
        while (rest > 0x7F) {
            out.write(rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    private static MalformedModelException malformed(String what) {
        return new MalformedModelException(
                "the file is not an ONNX model or is cut off: it " + what, "export the model again");
    }
}

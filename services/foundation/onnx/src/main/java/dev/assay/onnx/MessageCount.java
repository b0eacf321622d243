package dev.assay.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/// Counts the messages of an encoded model before anything is allocated for them: an empty node takes two bytes
/// in the file and a hundred times as much once parsed.
final class MessageCount {

    /// Above any real model (the largest language models have some hundred thousand nodes), and below one
    /// gigabyte.
    private static final int MOST = 5_000_000;

    private static final int DEEPEST = 100;

    /// The messages that hold many others. Numbers are those of onnx.proto.
    private enum Kind {
        MODEL,
        GRAPH,
        NODE,
        ATTRIBUTE,
        FUNCTION,
        LEAF;

        Kind child(int field) {
            return switch (this) {
                case MODEL -> field == 7 ? GRAPH : field == 25 ? FUNCTION : field == 8 || field == 14 ? LEAF : null;
                case GRAPH -> field == 1 ? NODE : field == 2 || field == 10 ? null : LEAF;
                case NODE -> field == 5 ? ATTRIBUTE : field <= 2 ? LEAF : null;
                case ATTRIBUTE -> field == 6 || field == 11 ? GRAPH : field == 9 || field == 10 ? LEAF : null;
                case FUNCTION -> field == 7 ? NODE : field == 11 ? ATTRIBUTE : field >= 4 && field != 8 ? LEAF : null;
                case LEAF -> null;
            };
        }
    }

    private int messages;

    private MessageCount() {}

    /// @throws MalformedModelException if the model has implausibly many parts
    static void requireReasonable(CodedInputStream input) throws IOException {
        new MessageCount().scan(input, Kind.MODEL, 0);
    }

    private void scan(CodedInputStream input, Kind kind, int depth) throws IOException {
        if (++messages > MOST || depth > DEEPEST) {
            throw new MalformedModelException(
                    depth > DEEPEST
                            ? "the model nests graphs more than " + DEEPEST / 3 + " deep"
                            : "the model has more than " + MOST + " parts",
                    "a real model has far fewer; export it again");
        }
        while (!input.isAtEnd()) {
            int tag = input.readTag();
            Kind child = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED
                    ? kind.child(WireFormat.getTagFieldNumber(tag))
                    : null;
            if (child == null) {
                if (!input.skipField(tag)) {
                    throw new MalformedModelException("the file is not an ONNX model", "export the model again");
                }
            } else if (child == Kind.LEAF) {
                messages++;
                input.skipField(tag);
            } else {
                int length = input.readRawVarint32();
                int limit = input.pushLimit(length);
                scan(input, child, depth + 1);
                input.popLimit(limit);
            }
        }
    }
}

package dev.assay.runtime;

import dev.assay.computation.ProblemException;
import dev.assay.onnx.ElementType;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the header of an .npy file says, and the reading and writing of its text: a Python dictionary literal
/// such as `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`. Parsed by hand and strictly: it is
/// hostile input.
///
/// @param type of the elements; `<f2`, `<f4`, `<f8`, `|i1` to `<i8`, `|u1` to `<u8`, `|b1` are known
record NpyHeader(ElementType type, ByteOrder byteOrder, Layout layout, List<Long> shape) {

    enum Layout {
        C_ORDER,
        FORTRAN_ORDER
    }

    /// As many as numpy allows.
    private static final int MAXIMUM_RANK = 64;

    /// numpy leaves room for the first dimension to grow to this many digits in place (GROWTH_AXIS_MAX_DIGITS).
    private static final int GROWTH_DIGITS = 21;

    NpyHeader {
        shape = List.copyOf(shape);
    }

    long[] dimensions() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    static NpyHeader parse(String text, String subject) {
        return new Parser(text, subject).header();
    }

    /// The text that numpy itself would write, without the padding to its alignment.
    static String format(ElementType type, long[] shape, String subject) {
        StringBuilder dimensions = new StringBuilder("(");
        for (int i = 0; i < shape.length; i++) {
            dimensions.append(i == 0 ? "" : " ").append(shape[i]);
            dimensions.append(i < shape.length - 1 || shape.length == 1 ? "," : "");
        }
        String text = "{'descr': '%s', 'fortran_order': False, 'shape': %s), }"
                .formatted(description(type, subject), dimensions);
        return shape.length == 0
                ? text
                : text + " ".repeat(GROWTH_DIGITS - Long.toString(shape[0]).length());
    }

    private static String description(ElementType type, String subject) {
        return switch (type) {
            case FLOAT16 -> "<f2";
            case FLOAT -> "<f4";
            case DOUBLE -> "<f8";
            case INT8 -> "|i1";
            case INT16 -> "<i2";
            case INT32 -> "<i4";
            case INT64 -> "<i8";
            case UINT8 -> "|u1";
            case UINT16 -> "<u2";
            case UINT32 -> "<u4";
            case UINT64 -> "<u8";
            case BOOL -> "|b1";
            default ->
                throw new ProblemException(
                        "unsupported-element-type",
                        subject,
                        "numpy has no type for " + type,
                        "cast to float32 before writing");
        };
    }

    private static Optional<ElementType> elementType(String kindAndSize) {
        return Optional.ofNullable(
                switch (kindAndSize) {
                    case "f2" -> ElementType.FLOAT16;
                    case "f4" -> ElementType.FLOAT;
                    case "f8" -> ElementType.DOUBLE;
                    case "i1" -> ElementType.INT8;
                    case "i2" -> ElementType.INT16;
                    case "i4" -> ElementType.INT32;
                    case "i8" -> ElementType.INT64;
                    case "u1" -> ElementType.UINT8;
                    case "u2" -> ElementType.UINT16;
                    case "u4" -> ElementType.UINT32;
                    case "u8" -> ElementType.UINT64;
                    case "b1" -> ElementType.BOOL;
                    default -> null;
                });
    }

    /// One pass over the text; every method leaves the position after what it read.
    private static final class Parser {

        private final String text;
        private final String subject;
        private int position;

        Parser(String text, String subject) {
            this.text = text;
            this.subject = subject;
        }

        NpyHeader header() {
            Optional<String> description = Optional.empty();
            Optional<Layout> layout = Optional.empty();
            Optional<List<Long>> shape = Optional.empty();
            expect('{');
            while (!accept('}')) {
                String key = string();
                expect(':');
                switch (key) {
                    case "descr" -> description = Optional.of(description());
                    case "fortran_order" -> layout = Optional.of(layout());
                    case "shape" -> shape = Optional.of(shape());
                    default -> throw malformed("unknown key '" + key + "'");
                }
                if (!accept(',')) {
                    expect('}');
                    break;
                }
            }
            skipBlanks();
            if (position != text.length()) {
                throw malformed("text after the dictionary");
            }
            String described = description.orElseThrow(() -> malformed("no key 'descr'"));
            return new NpyHeader(
                    type(described),
                    described.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN,
                    layout.orElseThrow(() -> malformed("no key 'fortran_order'")),
                    shape.orElseThrow(() -> malformed("no key 'shape'")));
        }

        private ElementType type(String description) {
            boolean ordered = !description.isEmpty() && "<>|=".indexOf(description.charAt(0)) >= 0;
            return Optional.of(description)
                    .filter(d -> ordered)
                    .flatMap(d -> elementType(d.substring(1)))
                    .orElseThrow(() -> new ProblemException(
                            "unsupported-element-type",
                            subject,
                            "the array's element type is '" + description + "'",
                            "save booleans, integers of 8 to 64 bits, float16, float32 or float64"));
        }

        private String description() {
            if (peek() == '[') {
                throw new ProblemException(
                        "unsupported-element-type",
                        subject,
                        "the array has structured elements",
                        "save one plain array for each field");
            }
            return string();
        }

        private Layout layout() {
            if (text.startsWith("True", position)) {
                position += 4;
                return Layout.FORTRAN_ORDER;
            }
            if (text.startsWith("False", position)) {
                position += 5;
                return Layout.C_ORDER;
            }
            throw malformed("'fortran_order' is neither True nor False");
        }

        private List<Long> shape() {
            List<Long> dimensions = new ArrayList<>();
            expect('(');
            while (!accept(')')) {
                dimensions.add(number());
                if (dimensions.size() > MAXIMUM_RANK) {
                    throw malformed("more than " + MAXIMUM_RANK + " dimensions");
                }
                if (!accept(',')) {
                    expect(')');
                    break;
                }
            }
            return dimensions;
        }

        private long number() {
            skipBlanks();
            int start = position;
            while (position < text.length() && Character.isDigit(text.charAt(position))) {
                position++;
            }
            try {
                long value = Long.parseLong(text, start, position, 10);
                accept('L'); // Python 2 wrote long integers so
                return value;
            } catch (NumberFormatException notANumber) {
                throw malformed("no dimension of 0 to 2^63-1 where one belongs");
            }
        }

        private String string() {
            char quote = peek();
            if (quote != '\'' && quote != '"') {
                throw malformed("no quoted text where it belongs");
            }
            int end = text.indexOf(quote, position + 1);
            if (end < 0) {
                throw malformed("quoted text without an end");
            }
            String value = text.substring(position + 1, end);
            position = end + 1;
            return value;
        }

        private char peek() {
            skipBlanks();
            return position < text.length() ? text.charAt(position) : '\0';
        }

        private boolean accept(char wanted) {
            if (peek() == wanted) {
                position++;
                return true;
            }
            return false;
        }

        private void expect(char wanted) {
            if (!accept(wanted)) {
                throw malformed("no '" + wanted + "' where it belongs");
            }
            skipBlanks();
        }

        private void skipBlanks() {
            while (position < text.length() && " \t\r\n".indexOf(text.charAt(position)) >= 0) {
                position++;
            }
        }

        private ProblemException malformed(String what) {
            return Npy.damaged(subject, "%s in the header's dictionary, at character %d".formatted(what, position));
        }
    }
}

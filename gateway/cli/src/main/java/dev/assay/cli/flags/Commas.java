package dev.assay.cli.flags;

import build.buf.validate.FieldRules;
import build.buf.validate.StringRules;
import build.buf.validate.ValidateProto;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Whether a comma separates the elements of a repeated field. Numbers, truth values and enum names hold no
/// commas. A
/// text is split only if the contract says how an element looks, the whole does not look like that and some piece
/// does;
/// so `linf:2/255,linf:8/255` is two threats, and the class name `cat, sleeping` stays one.
final class Commas {

    /// How a CEL constraint states the form of a text.
    private static final Pattern MATCHES = Pattern.compile("this\\.matches\\('([^']*)'\\)");

    private Commas() {}

    /// Whether there are values between which a comma separates.
    static boolean separate(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case INT, LONG, FLOAT, DOUBLE, BOOLEAN, ENUM -> true;
            case STRING -> !form(field).test(",");
            case BYTE_STRING, MESSAGE -> false;
        };
    }

    static List<String> split(FieldDescriptor field, String text) {
        if (text.indexOf(',') < 0) {
            return List.of(text);
        }
        List<String> pieces = Stream.of(text.split(",", -1)).map(String::strip).toList();
        return switch (field.getJavaType()) {
            case INT, LONG, FLOAT, DOUBLE, BOOLEAN, ENUM -> pieces;
            case STRING -> {
                Predicate<String> form = form(field);
                yield !form.test(text) && pieces.stream().anyMatch(form) ? pieces : List.of(text);
            }
            case BYTE_STRING, MESSAGE -> List.of(text);
        };
    }

    /// What the contract says of an element's form; always true when it says nothing.
    private static Predicate<String> form(FieldDescriptor field) {
        FieldRules items = field.getOptions()
                .getExtension(ValidateProto.field)
                .getRepeated()
                .getItems();
        StringRules text = items.getString();
        Stream<String> patterns = Stream.concat(
                text.hasPattern() ? Stream.of(text.getPattern()) : Stream.empty(),
                items.getCelList().stream()
                        .map(rule -> MATCHES.matcher(rule.getExpression()))
                        .filter(Matcher::find)
                        .map(matcher -> matcher.group(1)));
        Predicate<String> inList = text.getInCount() == 0 ? any -> true : text.getInList()::contains;
        return patterns.map(pattern -> Pattern.compile(pattern).asPredicate()).reduce(inList, Predicate::and);
    }
}

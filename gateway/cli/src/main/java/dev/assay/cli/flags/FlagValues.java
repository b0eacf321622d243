package dev.assay.cli.flags;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import dev.assay.computation.ProblemException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Turns flags into a request, and a request into the flags that would make it.
public final class FlagValues {

    private FlagValues() {}

    /// Sets the fields of `request` that flags were given for; a repeated field is replaced, not extended.
    ///
    /// @param given the values of each flag, in the order of the command line
    /// @throws ProblemException `malformed-flag` for a value of the wrong type, `exclusive-flags` for two flags of
    ///     which only one may be given
    public static void apply(Map<Flag, List<String>> given, Message.Builder request) {
        Map<OneofDescriptor, Flag> chosen = new HashMap<>();
        given.forEach((flag, texts) -> {
            requireAlone(flag, chosen);
            Message.Builder owner = request;
            for (FieldDescriptor nested : flag.path().subList(0, flag.path().size() - 1)) {
                owner = owner.getFieldBuilder(nested);
            }
            set(owner, flag, texts);
        });
    }

    /// The flags that make `request`, one argument for name and value each: `--steps=20`.
    public static List<String> arguments(Message request) {
        List<String> arguments = new ArrayList<>();
        for (Flag flag : Flags.of(request.getDescriptorForType())) {
            Message owner = request;
            boolean present = true;
            for (FieldDescriptor nested : flag.path().subList(0, flag.path().size() - 1)) {
                present = present && owner.hasField(nested);
                owner = (Message) owner.getField(nested);
            }
            if (present) {
                for (String text : texts(flag.field(), owner)) {
                    arguments.add(flag.name() + "=" + text);
                }
            }
        }
        return List.copyOf(arguments);
    }

    private static void requireAlone(Flag flag, Map<OneofDescriptor, Flag> chosen) {
        for (FieldDescriptor field : flag.path()) {
            OneofDescriptor oneof = field.getRealContainingOneof();
            if (oneof == null) {
                continue;
            }
            Flag earlier = chosen.putIfAbsent(oneof, flag);
            int depth = flag.path().indexOf(field);
            if (earlier != null && !earlier.path().get(depth).equals(field)) {
                throw new ProblemException(
                        "exclusive-flags",
                        flag.name(),
                        "cannot be given together with " + earlier.name(),
                        "leave one of them out");
            }
        }
    }

    private static void set(Message.Builder owner, Flag flag, List<String> texts) {
        FieldDescriptor field = flag.field();
        if (field.isMapField()) {
            owner.clearField(field);
            texts.forEach(text -> owner.addRepeatedField(field, entry(owner, flag, text)));
        } else if (field.isRepeated()) {
            owner.clearField(field);
            texts.stream()
                    .flatMap(text -> Commas.split(field, text).stream())
                    .forEach(text -> owner.addRepeatedField(
                            field, FlagText.parse(flag, field, text, () -> owner.newBuilderForField(field))));
        } else {
            owner.setField(field, FlagText.parse(flag, field, texts.getLast(), () -> owner.newBuilderForField(field)));
        }
    }

    private static Message entry(Message.Builder owner, Flag flag, String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw FlagText.malformed(flag, text, "has no '='", "give key=value");
        }
        Message.Builder entry = owner.newBuilderForField(flag.field());
        FieldDescriptor key = flag.field().getMessageType().findFieldByNumber(1);
        FieldDescriptor value = flag.field().getMessageType().findFieldByNumber(2);
        entry.setField(key, FlagText.parse(flag, key, text.substring(0, equals), () -> entry.newBuilderForField(key)));
        entry.setField(
                value, FlagText.parse(flag, value, text.substring(equals + 1), () -> entry.newBuilderForField(value)));
        return entry.build();
    }

    private static List<String> texts(FieldDescriptor field, Message owner) {
        if (field.isMapField()) {
            List<?> entries = (List<?>) owner.getField(field);
            return entries.stream()
                    .map(entry -> entryText(field, (Message) entry))
                    .toList();
        }
        if (field.isRepeated()) {
            List<?> elements = (List<?>) owner.getField(field);
            return elements.stream().map(e -> FlagText.write(field, e)).toList();
        }
        boolean present = field.hasPresence()
                ? owner.hasField(field)
                : !owner.getField(field).equals(field.getDefaultValue());
        return present ? List.of(FlagText.write(field, owner.getField(field))) : List.of();
    }

    private static String entryText(FieldDescriptor field, Message entry) {
        FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
        FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
        Object keyed = entry instanceof MapEntry<?, ?> pair ? pair.getKey() : entry.getField(key);
        return FlagText.write(key, keyed) + "=" + FlagText.write(value, entry.getField(value));
    }
}

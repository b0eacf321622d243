package dev.assay.cli.flags;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The flags of an operation, derived from the descriptor of its request: the contract is the only place where a
/// field
/// is described. Names are in kebab case, nested ones with dots. A message that cannot be spread into flags
/// (repeated,
/// recursive, empty, a map's value or a well-known type with a JSON form of its own) is one flag that takes JSON.
public final class Flags {

    /// Flags that every operation has. A contract's field of the same name is reached as `--field.<name>`.
    public static final Set<String> GENERAL = Set.of(
            "--spec",
            "--json",
            "--out",
            "--detach",
            "--gateway",
            "--verbose",
            "--help",
            "--version",
            "--cancel-on-interrupt",
            "--idempotency-key");

    private Flags() {}

    public static List<Flag> of(Descriptor request) {
        List<Flag> flags = new ArrayList<>();
        spread(request, List.of(), flags);
        return List.copyOf(flags);
    }

    private static void spread(Descriptor message, List<FieldDescriptor> outer, List<Flag> flags) {
        for (FieldDescriptor field : message.getFields()) {
            List<FieldDescriptor> path = new ArrayList<>(outer);
            path.add(field);
            if (isSpread(field, outer)) {
                spread(field.getMessageType(), path, flags);
            } else {
                flags.add(new Flag(name(path), path));
            }
        }
    }

    private static boolean isSpread(FieldDescriptor field, List<FieldDescriptor> outer) {
        return field.getJavaType() == JavaType.MESSAGE
                && !field.isRepeated()
                && !field.getMessageType().getFields().isEmpty()
                && !field.getMessageType().getFullName().startsWith("google.protobuf.")
                && !field.getMessageType().equals(field.getContainingType())
                && outer.stream().noneMatch(f -> f.getContainingType().equals(field.getMessageType()));
    }

    private static String name(List<FieldDescriptor> path) {
        String name = "--"
                + String.join(
                        ".",
                        path.stream().map(f -> f.getName().replace('_', '-')).toList());
        return GENERAL.contains(name) ? "--field." + name.substring(2) : name;
    }
}

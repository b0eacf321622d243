package dev.assay.cli.flags;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import dev.assay.contract.References;
import dev.assay.contract.v1.ReferenceKind;
import java.util.List;

/// A flag of an operation: one field of its request.
///
/// @param name such as `--relative-step-size`, or `--rate.large` for a field of a nested message
/// @param path the fields from the request down to the one the flag sets; all but the last are nested messages
public record Flag(String name, List<FieldDescriptor> path) {

    public Flag {
        if (path.isEmpty()) {
            throw new IllegalArgumentException(name + " sets no field");
        }
        path = List.copyOf(path);
    }

    public FieldDescriptor field() {
        return path.getLast();
    }

    /// Whether the flag may be given more than once.
    public boolean isRepeated() {
        return field().isRepeated();
    }

    public boolean isSwitch() {
        return field().getJavaType() == JavaType.BOOLEAN && !isRepeated();
    }

    /// Whether the value may be a file or folder that is uploaded first.
    public boolean isReference() {
        return References.kindOf(field()) != ReferenceKind.REFERENCE_KIND_UNSPECIFIED;
    }

    /// What stands for the value in the help, such as `<number>`.
    public String placeholder() {
        return switch (References.kindOf(field())) {
            case MODEL -> "<file|model>";
            case DATA_SET -> "<file|data set>";
            case ARTIFACT -> "<file|artifact>";
            case REFERENCE_KIND_UNSPECIFIED, UNRECOGNIZED -> typePlaceholder();
        };
    }

    private String typePlaceholder() {
        if (field().isMapField()) {
            return "<key=value>";
        }
        return switch (field().getJavaType()) {
            case INT, LONG -> "<integer>";
            case FLOAT, DOUBLE -> "<number>";
            case BOOLEAN -> "<true|false>";
            case STRING -> "<text>";
            case BYTE_STRING -> "<base64>";
            case ENUM -> "<name>";
            case MESSAGE -> "<json>";
        };
    }
}

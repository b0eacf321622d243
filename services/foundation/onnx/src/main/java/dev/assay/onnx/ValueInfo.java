package dev.assay.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// The declared type of a value.
///
/// @param name unique in its graph
/// @param dimensions one entry per axis; empty for a scalar and when the rank is unknown
public record ValueInfo(String name, ElementType type, List<Dimension> dimensions, Rank rank) {

    /// Whether the number of axes is declared.
    public enum Rank {
        KNOWN,
        UNKNOWN
    }

    public ValueInfo {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        dimensions = List.copyOf(dimensions);
    }

    public ValueInfo(String name, ElementType type, List<Dimension> dimensions) {
        this(name, type, dimensions, Rank.KNOWN);
    }

    public static ValueInfo of(String name, ElementType type, long... shape) {
        List<Dimension> dimensions = new ArrayList<>(shape.length);
        for (long length : shape) {
            dimensions.add(Dimension.of(length));
        }
        return new ValueInfo(name, type, dimensions);
    }

    public static ValueInfo ofUnknownRank(String name, ElementType type) {
        return new ValueInfo(name, type, List.of(), Rank.UNKNOWN);
    }

    public ValueInfo withName(String newName) {
        return new ValueInfo(newName, type, dimensions, rank);
    }

    /// Whether every length is known.
    public boolean isConcrete() {
        return rank == Rank.KNOWN && dimensions.stream().allMatch(Dimension.Fixed.class::isInstance);
    }

    @Override
    public String toString() {
        return name + ": " + type + (rank == Rank.KNOWN ? dimensions.toString() : "[…]");
    }
}

package dev.assay.onnx;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How a convolution or pooling window moves over its input.
///
/// @param pads begins of all axes, then ends, as ONNX orders them
public record Window(List<Long> strides, List<Long> pads, List<Long> dilations, long group) {

    public Window {
        strides = List.copyOf(strides);
        pads = List.copyOf(pads);
        dilations = List.copyOf(dilations);
        if (pads.size() != 2 * strides.size() || dilations.size() != strides.size() || group < 1) {
            throw new IllegalArgumentException(
                    "a window over " + strides.size() + " axes needs twice as many pads and as many dilations");
        }
    }

    /// Step 1, no padding, over so many axes.
    public static Window over(int spatialRank) {
        return new Window(
                Collections.nCopies(spatialRank, 1L),
                Collections.nCopies(2 * spatialRank, 0L),
                Collections.nCopies(spatialRank, 1L),
                1);
    }

    public Window stride(long... lengths) {
        return new Window(boxed(lengths), pads, dilations, group);
    }

    /// The same padding at both ends of every axis.
    public Window padAll(long length) {
        return new Window(strides, Collections.nCopies(pads.size(), length), dilations, group);
    }

    /// Begins of all axes, then ends.
    public Window pad(long... lengths) {
        return new Window(strides, boxed(lengths), dilations, group);
    }

    public Window dilate(long... lengths) {
        return new Window(strides, pads, boxed(lengths), group);
    }

    public Window groups(long count) {
        return new Window(strides, pads, dilations, count);
    }

    Map<String, Attribute> attributes() {
        Map<String, Attribute> attributes = new LinkedHashMap<>();
        attributes.put("strides", new Attribute.Ints(strides));
        attributes.put("pads", new Attribute.Ints(pads));
        if (dilations.stream().anyMatch(length -> length != 1)) {
            attributes.put("dilations", new Attribute.Ints(dilations));
        }
        if (group != 1) {
            attributes.put("group", Attribute.of(group));
        }
        return attributes;
    }

    private static List<Long> boxed(long[] lengths) {
        return Arrays.stream(lengths).boxed().toList();
    }
}

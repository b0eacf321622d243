package dev.assay.gateway.http;

import dev.assay.computation.ProblemException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A part of a file, as the Range header asks for it.
///
/// @param first offset of the first byte
/// @param length at least 1
public record ByteRange(long first, long length) {

    private static final Pattern SINGLE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    public ByteRange {
        if (first < 0 || length < 1) {
            throw new IllegalArgumentException(first + "+" + length);
        }
    }

    /// Empty when the whole file should be sent: for several ranges and for units that are not bytes, which RFC
    /// 9110
    /// lets a server ignore.
    ///
    /// @param header value of Range
    /// @param size of the file
    /// @throws ProblemException `range-not-satisfiable` when the range begins after the end
    public static Optional<ByteRange> of(String header, long size) {
        Matcher matcher = SINGLE.matcher(header.strip());
        if (!matcher.matches()
                || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
            return Optional.empty();
        }
        long first;
        long last = size - 1;
        if (matcher.group(1).isEmpty()) {
            long tail = Long.parseLong(matcher.group(2));
            first = tail == 0 ? size : Math.max(0, size - tail);
        } else {
            first = Long.parseLong(matcher.group(1));
            if (!matcher.group(2).isEmpty()) {
                last = Math.min(last, Long.parseLong(matcher.group(2)));
            }
        }
        if (first >= size) {
            throw new ProblemException(
                    "range-not-satisfiable",
                    "Range",
                    "'" + header + "' lies outside of a file of " + size + " bytes",
                    "ask for a part of 0 to " + (size - 1));
        }
        return last < first ? Optional.empty() : Optional.of(new ByteRange(first, last - first + 1));
    }

    /// Value of Content-Range.
    public String contentRange(long size) {
        return "bytes " + first + "-" + (first + length - 1) + "/" + size;
    }
}

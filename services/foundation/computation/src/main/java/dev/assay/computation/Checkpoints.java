package dev.assay.computation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Where long work keeps points to go on from, and where it finds the last one.
///
/// @param <P> a point of this work
public interface Checkpoints<P extends Checkpoints.Point> {

    /// A moment of the work; readable only until it goes on.
    interface Point {

        /// For people, such as `2 of 5 threats`.
        String position();

        /// Writes or replaces `file`.
        void writeTo(Path file) throws IOException;
    }

    /// What the course of the work depends on besides its settings, such as the digests of data and model: a
    /// checkpoint
    /// is only for work with the same.
    String inputs();

    /// What an earlier attempt at the same work kept last.
    Optional<Path> last();

    /// Told when {@link #last} cannot be gone on from; the work begins at the beginning.
    ///
    /// @param reason the end of "the checkpoint …"
    void refused(String reason);

    /// Keeps a point. Also called when the work is cancelled, before it ends. Must not fail: the work does not
    /// depend on
    /// it.
    void keep(P point);
}

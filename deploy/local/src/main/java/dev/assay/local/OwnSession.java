package dev.assay.local;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Puts a command into its own session, so that Ctrl-C in the terminal and the terminal's end do not reach it:
/// whoever started it stops it, in order. The pid stays that of the process started.
final class OwnSession {

    private static final List<String> PERL = List.of("perl", "-e", "use POSIX; POSIX::setsid(); exec @ARGV or die $!");

    private OwnSession() {}

    /// `setsid` where the machine has it, Perl where not (macOS), else the command as it is.
    static List<String> command(List<String> command) {
        List<String> prefix;
        if (onPath("setsid")) {
            prefix = List.of("setsid");
        } else {
            prefix = onPath("perl") ? PERL : List.of();
        }
        var whole = new ArrayList<>(prefix);
        whole.addAll(command);
        return List.copyOf(whole);
    }

    private static boolean onPath(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}

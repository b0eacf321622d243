package dev.assay.cli;

import dev.assay.cli.flags.Flag;
import dev.assay.cli.flags.FlagHelp;
import dev.assay.contract.Comments;
import dev.assay.contract.Operation;
import java.util.List;

/// Whether the command tree carries the contracts' comments. Reading them takes longer than parsing a command
/// line, so
/// they are there only when help is shown.
enum HelpTexts {
    SHOWN {
        @Override
        String of(Operation operation) {
            return Comments.of(operation.request());
        }

        @Override
        List<String> of(Flag flag) {
            return FlagHelp.lines(flag);
        }
    },
    LEFT_OUT {
        @Override
        String of(Operation operation) {
            return "";
        }

        @Override
        List<String> of(Flag flag) {
            return List.of();
        }
    };

    abstract String of(Operation operation);

    abstract List<String> of(Flag flag);
}

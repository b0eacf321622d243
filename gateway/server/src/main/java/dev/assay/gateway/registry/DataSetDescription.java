package dev.assay.gateway.registry;

import dev.assay.artifact.v1.DataSet;
import dev.assay.artifact.v1.DataSetRegistration;
import dev.assay.computation.ProblemException;
import dev.assay.data.DataSetOutline;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// What a data set's file says of itself.
final class DataSetDescription {

    private DataSetDescription() {}

    /// @throws ProblemException naming the registration's field when the file is no data set, or is damaged
    static DataSet of(DataSetRegistration registration, Path file) throws IOException {
        try {
            DataSetOutline outline = DataSetOutline.of(file);
            return DataSet.newBuilder()
                    .setRegistration(registration)
                    .setSamples(outline.count())
                    .addAllImageShape(List.of(
                            outline.shape().channels(),
                            outline.shape().height(),
                            outline.shape().width()))
                    .setClasses(outline.classes())
                    .build();
        } catch (ProblemException problem) {
            throw new ProblemException(problem.type(), "artifact", problem.detail(), problem.remedy(), problem);
        }
    }
}

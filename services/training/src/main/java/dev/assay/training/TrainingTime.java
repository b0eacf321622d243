package dev.assay.training;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/// What a training has cost, over all attempts whose work is part of the result. What an attempt did after its last
/// checkpoint is lost, and neither its steps nor its time count.
///
/// @param stepNanos wall time of the steps, with the loading of their batches
/// @param wallNanos wall time of all
record TrainingTime(long stepNanos, long wallNanos) {

    static final TrainingTime NONE = new TrainingTime(0, 0);

    TrainingTime plus(TrainingTime other) {
        return new TrainingTime(stepNanos + other.stepNanos, wallNanos + other.wallNanos);
    }

    void writeTo(DataOutputStream out) throws IOException {
        out.writeLong(stepNanos);
        out.writeLong(wallNanos);
    }

    static TrainingTime readFrom(DataInputStream in) throws IOException {
        return new TrainingTime(in.readLong(), in.readLong());
    }
}

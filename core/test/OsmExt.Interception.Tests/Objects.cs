using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Interception.Tests;

internal static class Objects
{
    public static Pod Pod(string ns, string name) => new(new(ns, name));

    public static Pod With(this Pod pod, string annotation, string value)
        => pod with { Metadata = pod.Metadata with { Annotations = LabelSet.From([.. pod.Metadata.Annotations, new(annotation, value)]) } };
}

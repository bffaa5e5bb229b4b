using k8s.Models;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Views;

/// <summary>Object metadata as the mesh sees it.</summary>
internal static class MetadataView
{
    public static ResourceMetadata From(V1ObjectMeta? model, string ns, string name, FieldReport report) => new(ns, name)
    {
        Uid = model?.Uid ?? "",
        Generation = model?.Generation,
        Labels = LabelSet.From(model?.Labels),
        Annotations = LabelSet.From(model?.Annotations),
        Created = model?.CreationTimestamp is { } created ? new DateTimeOffset(DateTime.SpecifyKind(created, DateTimeKind.Utc)) : null,
        Controller = Controller(model?.OwnerReferences, report),
    };

    private static OwnerReference? Controller(IList<V1OwnerReference>? owners, FieldReport report)
    {
        for (var i = 0; i < (owners?.Count ?? 0); i++)
        {
            var (owner, path) = (owners![i], $"metadata.ownerReferences[{i}]");
            if (owner.Controller == true
                && report.Has($"{path}.kind", owner.Kind, "Name the kind of the owner")
                && report.Has($"{path}.name", owner.Name, "Name the owner"))
            {
                return new(owner.Kind, owner.Name);
            }
        }

        return null;
    }
}

using OsmExt.Kubernetes.Models;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Views;

/// <summary>ReferenceGrants of the Gateway API. One with a mistake is not taken in part, so that none grants more than was meant.</summary>
internal static class ReferenceGrantView
{
    public static FieldSet Reads { get; } = FieldSet.Of("spec");

    public static Resource From(ReferenceGrantModel model, ResourceMetadata metadata, FieldReport report)
    {
        var (from, to) = (model.Spec?.From ?? [], model.Spec?.To ?? []);
        if (from.Count == 0)
        {
            report.Missing("spec.from", "List whose objects may name objects of this namespace");
        }

        if (to.Count == 0)
        {
            report.Missing("spec.to", "List what they may name");
        }

        return new ReferenceGrant(metadata)
        {
            From = from.Select((entry, i) => Of(entry, $"spec.from[{i}]", report)).ToEquatableArray(),
            To = to.Select((entry, i) => Of(entry, $"spec.to[{i}]", report)).ToEquatableArray(),
        };
    }

    private static GrantFrom Of(ReferenceGrantFrom entry, string path, FieldReport report)
    {
        report.Has($"{path}.namespace", entry.Namespace, "Name the namespace of the objects");
        return new(Group(entry.Group, path, report), Kind(entry.Kind, path, report), report.DnsLabel($"{path}.namespace", entry.Namespace));
    }

    private static GrantTo Of(ReferenceGrantTo entry, string path, FieldReport report)
    {
        if (entry.Name is "")
        {
            report.Invalid($"{path}.name", "The name is empty", "Name one object, or remove the field to mean all of the kind");
        }

        return new(Group(entry.Group, path, report), Kind(entry.Kind, path, report), report.DnsSubdomain($"{path}.name", entry.Name));
    }

    private static string Group(string? group, string path, FieldReport report)
    {
        if (group is null)
        {
            report.Missing($"{path}.group", "Name the API group; \"\" is the core group");
        }

        return report.DnsSubdomain($"{path}.group", group);
    }

    private static string Kind(string? kind, string path, FieldReport report)
    {
        report.Has($"{path}.kind", kind, "Name the kind");
        return kind ?? "";
    }
}

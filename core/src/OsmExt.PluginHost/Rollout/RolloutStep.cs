using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using OsmExt.PluginHost.Manifests;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Ir;

namespace OsmExt.PluginHost.Rollout;

/// <summary>Who is to have a new version: proxies that all of it is true of.</summary>
/// <param name="Percent">So many of a hundred workloads; null for all.</param>
/// <param name="Namespaces">Of these namespaces; empty for all.</param>
/// <param name="Labels">With all of these labels on their pods; empty for all.</param>
internal sealed record RolloutStep(int? Percent, EquatableArray<string> Namespaces, LabelSet Labels)
{
    /// <summary>Whether it restricts anything.</summary>
    public bool IsSomething => Percent is not null || !Namespaces.IsEmpty || !Labels.IsEmpty;

    public static RolloutStep Read(FieldReader fields)
    {
        var step = Of(fields);
        if (!step.IsSomething)
        {
            fields.Report("percent", "A step for everybody is none", "Write percent, namespaces or labels, or remove the step");
        }

        fields.Done();
        return step;
    }

    public static RolloutStep Of(FieldReader fields)
    {
        var percent = fields.Number("percent");
        if (percent is < 1 or > 99)
        {
            fields.Report("percent", $"{percent} is outside 1 to 99", "Use a number from 1 to 99");
        }

        return new((int?)percent, fields.Texts("namespaces").ToEquatableArray(), LabelSet.From(fields.Pairs("labels")));
    }

    /// <summary>
    /// Whether proxies of that scope are meant. Chance decides by workload and plugin, and is the same everywhere and always: all replicas of
    /// a workload have one version, and who has had the new one at ten of a hundred has it at fifty.
    /// </summary>
    public bool Covers(string plugin, ProxyScope scope)
        => (Namespaces.IsEmpty || Namespaces.Contains(scope.Identity.Namespace, StringComparer.Ordinal)) && (Labels.IsEmpty || scope.Selections.Contains(Labels))
            && (Percent is not { } percent || Draw(plugin, scope) < (ulong)percent);

    /// <summary>In words.</summary>
    public override string ToString() => string.Join(", ", new[]
    {
        Percent is { } percent ? $"{percent} % of workloads" : "", Namespaces.IsEmpty ? "" : $"namespaces {string.Join(" and ", Namespaces)}",
        Labels.IsEmpty ? "" : $"pods with {string.Join(" and ", Labels.Select(label => $"{label.Key}={label.Value}"))}",
    }.Where(text => text.Length > 0));

    private static ulong Draw(string plugin, ProxyScope scope)
    {
        var name = $"{plugin}\n{scope.Identity.Namespace}/{scope.Identity.ServiceAccount}/{scope.Workload.Kind}/{scope.Workload.Name}";
        return BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name))) % 100;
    }
}

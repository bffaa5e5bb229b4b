using System.Text;
using System.Text.Json.Nodes;
using OsmExt.Compiler.Comparison;
using OsmExt.Yaml;

namespace OsmExt.Cli.Comparison;

/// <summary>
/// A difference for people: a line for each resource, below it each field that differs with its old and new value as YAML. Proxies
/// that change in the same way, as replicas do, are listed together.
/// </summary>
internal static class DifferenceText
{
    private static readonly string[] FindingFields = ["severity", "code", "object", "field"];

    public static string Of(MeshDifference mesh, FindingsDifference findings, VerdictsDifference verdicts)
    {
        var text = new StringBuilder();
        foreach (var alike in mesh.Proxies.Select(proxy => (proxy.Proxy, Lines: Lines(proxy))).GroupBy(proxy => proxy.Lines, StringComparer.Ordinal))
        {
            text.Append("proxy ").AppendJoin(", ", alike.Select(proxy => proxy.Proxy)).Append(alike.Key).Append('\n');
        }

        Append(text, "+", findings.Added);
        Append(text, "-", findings.Removed);
        return text.Length == 0 && verdicts.Changes.IsEmpty ? "Nothing changes.\n" : text.Append(Summary(mesh)).Append(VerdictsText.Of(verdicts)).ToString();
    }

    private static string Lines(ProxyDifference proxy)
    {
        var text = new StringBuilder();
        text.Append(proxy.Change switch { Change.Added => " (new)\n", Change.Removed => " (gone)\n", _ => "\n" });
        foreach (var resource in proxy.Resources)
        {
            text.Append(Sign(resource.Change)).Append(' ').Append(resource.Section).Append(' ').Append(resource.Name).Append('\n');
            foreach (var field in resource.Fields)
            {
                text.Append("    ").Append(field.Path).Append('\n');
                Append(text, "-", field.Before);
                Append(text, "+", field.After);
            }
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, string sign, JsonNode? value)
    {
        if (value is not null)
        {
            foreach (var line in YamlWriter.Write(value.DeepClone()).TrimEnd('\n').Split('\n'))
            {
                text.Append("      ").Append(sign).Append(' ').Append(line).Append('\n');
            }
        }
    }

    private static void Append(StringBuilder text, string sign, IReadOnlyList<JsonObject> findings)
    {
        foreach (var finding in findings)
        {
            var words = FindingFields.Select(field => (string?)finding[field]);
            text.Append(sign).Append(" finding ").AppendJoin(' ', words).Append(": ").Append((string?)finding["message"]).Append('\n');
        }
    }

    private static string Summary(MeshDifference mesh)
        => $"{mesh.Proxies.Count} {(mesh.Proxies.Count == 1 ? "proxy changes" : "proxies change")}, "
            + string.Join(", ", Enum.GetValues<Change>().Select(change => $"{Count(mesh, change)} resources {change.ToString().ToLowerInvariant()}"))
            + ".\n";

    private static int Count(MeshDifference mesh, Change change)
        => mesh.Proxies.Sum(proxy => proxy.Resources.Count(resource => resource.Change == change));

    private static char Sign(Change change) => change switch { Change.Added => '+', Change.Removed => '-', _ => '~' };
}

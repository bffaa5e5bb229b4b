using Google.Protobuf;

namespace OsmExt.Envoy;

internal static class Re2
{
    public static string? Check(string pattern) => pattern.Length > 4096 ? "too long" : null;
}

internal sealed record RuleViolation(string Path, string Message);

internal static class EnvoyRules
{
    public static IReadOnlyList<RuleViolation> Check(IMessage message) => message is null ? [new("", "")] : [];
}

internal static class TypeUrlUse
{
    public static IReadOnlySet<string> In(IMessage message) => new HashSet<string>(message is null ? [""] : []);
}

internal static class EnvoyJson
{
    public static System.Text.Json.Nodes.JsonNode ToNode(IMessage message) => System.Text.Json.Nodes.JsonNode.Parse(message.ToString()!)!;
}

internal static class Redaction
{
    public static IMessage Of(IMessage message) => message;
}

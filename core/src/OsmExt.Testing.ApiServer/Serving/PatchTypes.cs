using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>The media types of patches.</summary>
internal static class PatchTypes
{
    public const string Json = "application/json-patch+json";
    public const string Merge = "application/merge-patch+json";
    public const string Strategic = "application/strategic-merge-patch+json";
    public const string Apply = "application/apply-patch+yaml";

    /// <summary>Those a kind takes: nobody knows how the lists of custom kinds are merged.</summary>
    public static IEnumerable<string> Of(ResourceKind kind) => kind.Custom is null ? [Json, Merge, Strategic, Apply] : [Json, Merge, Apply];
}

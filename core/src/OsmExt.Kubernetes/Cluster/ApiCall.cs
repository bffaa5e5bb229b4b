using System.Text.Json.Nodes;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>One request to an API server.</summary>
/// <param name="Verb">In the words of RBAC: get, list, watch, create, update, patch or delete.</param>
/// <param name="Resource">What it is about, for counting; a subresource after a slash.</param>
/// <param name="Path">Where, without a slash at the beginning.</param>
internal sealed record ApiCall(string Verb, string Resource, string Path)
{
    public const string Json = "application/json";

    public const string MergePatch = "application/merge-patch+json";

    /// <summary>A list of objects without what is not metadata; a server that cannot leave it out sends it.</summary>
    public const string MetadataList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

    /// <summary>The same for each object of a watch.</summary>
    public const string MetadataWatch = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

    /// <summary>What stands after the question mark.</summary>
    public string Query { get; init; } = "";

    public JsonNode? Body { get; init; }

    public string ContentType { get; init; } = Json;

    public string Accept { get; init; } = Json;

    public HttpMethod Method => Verb switch
    {
        "create" => HttpMethod.Post,
        "update" => HttpMethod.Put,
        "patch" => HttpMethod.Patch,
        "delete" => HttpMethod.Delete,
        _ => HttpMethod.Get,
    };
}

using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>What a request that writes says beside the object.</summary>
/// <param name="Caller">Who writes.</param>
/// <param name="Kind">The kind, in the version the request speaks.</param>
/// <param name="Namespace">Of the object; empty for kinds of the cluster.</param>
/// <param name="Name">Of the object; empty when it is to be named.</param>
internal sealed record WriteRequest(Caller Caller, ResourceKind Kind, string Namespace, string Name)
{
    public string Subresource { get; init; } = "";

    /// <summary>Whether only the answer is wanted, and nothing is to be stored.</summary>
    public bool DryRun { get; init; }

    /// <summary>Under which name the fields written are remembered.</summary>
    public string FieldManager { get; init; } = "unknown";

    /// <summary>Whether the writer said what it calls itself.</summary>
    public bool HasFieldManager { get; init; }

    /// <summary><c>Ignore</c>, <c>Warn</c> or <c>Strict</c>: what happens about fields nobody knows.</summary>
    public string FieldValidation { get; init; } = "Warn";

    /// <summary>Whether server-side apply takes fields from those who have them.</summary>
    public bool Force { get; init; }

    /// <summary>Whether it is server-side apply, which keeps the owners of fields itself.</summary>
    public bool IsApply { get; init; }

    /// <summary>Collects warnings for the response's headers.</summary>
    public List<string> Warnings { get; init; } = [];

    public ObjectName ObjectName => new(Namespace, Name);

    public static WriteRequest Of(RequestTarget target, Caller caller, HttpRequest request)
    {
        var query = request.Query;
        var manager = query["fieldManager"].ToString();
        ImmutableArray<string> dryRun = [.. query["dryRun"].OfType<string>().Where(value => value.Length > 0)];
        if (dryRun.Any(value => value != "All"))
        {
            throw Refusal.BadRequest($"invalid dryRun {dryRun[0]}: supported values: \"All\"");
        }

        return new(caller, target.Kind, target.Namespace, target.Name)
        {
            Subresource = target.Subresource,
            DryRun = dryRun.Length > 0,
            FieldManager = manager.Length > 0 ? manager : Program(request.Headers.UserAgent.ToString()),
            HasFieldManager = manager.Length > 0,
            IsApply = target.Verb == "patch" && RequestBody.MediaType(request) == Patches.ObjectPatch.Apply,
            FieldValidation = query["fieldValidation"].ToString() is { Length: > 0 } asked ? asked : "Warn",
            Force = query["force"].ToString() is "true" or "1",
        };
    }

    private static string Program(string userAgent) => userAgent.Split('/')[0] is { Length: > 0 } program ? program : "unknown";
}

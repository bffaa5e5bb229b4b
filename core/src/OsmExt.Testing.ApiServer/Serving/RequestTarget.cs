using Microsoft.AspNetCore.Http;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>What a request's address and method mean: a verb on a kind, one object of it, or something below that object.</summary>
internal sealed record RequestTarget(string Verb, ResourceKind Kind, string Namespace, string Name, string Subresource)
{
    public ObjectName ObjectName => new(Namespace, Name);

    /// <summary>Reads an address below <c>/api/v1</c> or <c>/apis/GROUP/VERSION</c>; null when nothing is served there.</summary>
    public static RequestTarget? Read(HttpRequest request, KindTable kinds)
    {
        var segments = request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var (group, version, rest) = segments switch
        {
            ["api", var core, .. var below] => ("", core, below),
            ["apis", var named, var of, .. var below] => (named, of, below),
            _ => ("", "", []),
        };

        // A namespace's own subresources are where its contents' kinds are; no kind has their names.
        var (space, path) = rest switch
        {
            ["namespaces", var name, "status" or "finalize"] => ("", rest),
            ["namespaces", var name, _, ..] => (name, rest[2..]),
            _ => ("", rest),
        };
        if (path is not [var plural, .. var below1] || below1.Length > 2 || kinds.At(group, version, plural) is not { } kind)
        {
            return null;
        }

        var (one, subresource) = (below1.ElementAtOrDefault(0) ?? "", below1.ElementAtOrDefault(1) ?? "");
        var verb = VerbOf(request, one.Length > 0);
        if (verb is null || (subresource.Length > 0 && !kind.Has(subresource)) || (kind.Namespaced ? one.Length > 0 && space.Length == 0 : space.Length > 0))
        {
            return null;
        }

        return new(verb, kind, kind.Plural == "namespaces" && group.Length == 0 ? "" : space, one, subresource);
    }

    private static string? VerbOf(HttpRequest request, bool one) => request.Method switch
    {
        "GET" or "HEAD" when one => "get",
        "GET" or "HEAD" => request.Query["watch"].ToString() is "1" or "true" ? "watch" : "list",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => one ? "delete" : "deletecollection",
        _ => null,
    };
}

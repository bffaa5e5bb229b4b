using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using OsmExt.Testing.ApiServer.Discovery;
using OsmExt.Testing.ApiServer.OpenApi;
using OsmExt.Testing.ApiServer.Pods;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>Answers requests: who asks, whether they may, and then either an object's address or one of the server itself.</summary>
internal sealed class RequestHandler(ObjectStore store, IObjectRules rules, Authentication authentication, ServiceAccountTokens tokens, ResourceHandler resources, ServerFaults faults, PodRelay pods)
{
    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await AnswerAsync(context).ConfigureAwait(false);
        }
        catch (Refusal refusal) when (!context.Response.HasStarted)
        {
            await JsonResponse.RefuseAsync(context, refusal).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException)
        {
            // The client has gone, or a fault has taken its connection.
            context.Abort();
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            // Whoever runs a test wants to see what it was.
            await JsonResponse.RefuseAsync(context, Refusals.Failed(failure.ToString())).ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var caller = authentication.CallerOf(context, store.State);
        context.Response.Headers["Audit-Id"] = context.TraceIdentifier;
        context.Response.Headers.CacheControl = "no-cache, private";
        if (RequestTarget.Read(context.Request, store.Kinds) is { } target)
        {
            Allow(new AccessAttributes(caller, target.Verb)
            {
                Group = target.Kind.Group,
                Version = target.Kind.Version,
                Resource = target.Kind.Plural,
                Subresource = target.Subresource,
                Namespace = target.Kind is { Plural: "namespaces", Group: "" } ? target.Name : target.Namespace,
                Name = target.Name,
            });
            await faults.BeforeAsync(target, context.RequestAborted).ConfigureAwait(false);
            await resources.HandleAsync(context, target, caller).ConfigureAwait(false);
            return;
        }

        if (PodRequest.Read(context.Request) is { } pod)
        {
            Allow(new AccessAttributes(caller, pod.Verb) { Version = "v1", Resource = "pods", Subresource = pod.Subresource, Namespace = pod.Namespace, Name = pod.Pod });
            await pods.HandleAsync(context, pod).ConfigureAwait(false);
            return;
        }

        var path = context.Request.Path.Value!.TrimEnd('/');
        if (!IsPublic(path))
        {
            Allow(new AccessAttributes(caller, context.Request.Method == "GET" ? "get" : "post") { Path = path.Length == 0 ? "/" : path });
        }

        await AnswerAsync(context, path).ConfigureAwait(false);
    }

    private async Task AnswerAsync(HttpContext context, string path)
    {
        if (path is "/healthz" or "/livez" or "/readyz")
        {
            await JsonResponse.WriteAsync(context, 200, "ok"u8.ToArray(), "text/plain; charset=utf-8").ConfigureAwait(false);
            return;
        }

        var kinds = store.Kinds;
        if (path == SwaggerDocument.Path)
        {
            var document = SwaggerDocument.Of(kinds);
            var protobuf = context.Request.Headers.Accept.ToString().Contains("+protobuf", StringComparison.Ordinal);
            var (bytes, type) = protobuf ? (SwaggerProtobuf.Write(document), SwaggerProtobuf.ContentType) : (JsonNodes.Bytes(document), "application/json");
            await JsonResponse.WriteAsync(context, 200, bytes, type).ConfigureAwait(false);
            return;
        }

        if (OpenApiDocuments.At(path, kinds) is { } described)
        {
            await JsonResponse.WriteAsync(context, 200, described).ConfigureAwait(false);
            return;
        }

        var aggregated = path is "/api" or "/apis" ? AggregatedDiscovery.Asked(context.Request.Headers.Accept.ToString()) : null;
        var answer = path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["version"] => ServerVersion.ToJson(),
            ["api" or "apis"] when aggregated is not null => AggregatedDiscovery.Of(kinds, path == "/api", aggregated),
            ["api"] => DiscoveryDocuments.CoreVersions(context.Request.Host.Value ?? ""),
            ["api", var version] => DiscoveryDocuments.Resources(kinds, "", version),
            ["apis"] => DiscoveryDocuments.Groups(kinds),
            ["apis", var group] => DiscoveryDocuments.Group(kinds, group),
            ["apis", var group, var version] => DiscoveryDocuments.Resources(kinds, group, version),
            ["openid", "v1", "jwks"] => tokens.KeySet(),
            _ => null,
        };
        await JsonResponse.WriteAsync(
            context, 200, answer ?? throw Refusals.NoSuchPath(), aggregated is null ? "application/json" : AggregatedDiscovery.ContentType(aggregated)).ConfigureAwait(false);
    }

    private void Allow(AccessAttributes access)
    {
        if (rules.Authorize(access, store.State) is not { } why)
        {
            return;
        }

        var what = access.Path is { } path ? $"cannot {access.Verb} path \"{path}\""
            : $"cannot {access.Verb} resource \"{Below(access)}\" in API group \"{access.Group}\" {(access.Namespace.Length > 0 ? $"in the namespace \"{access.Namespace}\"" : "at the cluster scope")}";
        var name = access.Name.Length > 0 ? $" \"{access.Name}\"" : "";
        var subject = access.Path is not null ? "forbidden" : $"{(access.Group.Length == 0 ? access.Resource : $"{access.Resource}.{access.Group}")}{name} is forbidden";
        throw Refusals.Forbidden($"{subject}: User \"{access.Caller.Name}\" {what}{(why.Length > 0 ? $": {why}" : "")}", access.Path is not null ? [] : new JsonObject
        {
            ["name"] = access.Name, ["group"] = access.Group, ["kind"] = access.Resource,
        });
    }

    private static string Below(AccessAttributes access) => access.Subresource.Length == 0 ? access.Resource : $"{access.Resource}/{access.Subresource}";

    // As everybody may in a new cluster.
    private static bool IsPublic(string path) => path is "/version" or "/healthz" or "/livez" or "/readyz";
}

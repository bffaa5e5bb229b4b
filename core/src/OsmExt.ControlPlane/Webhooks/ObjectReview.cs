using System.Text.Json.Nodes;
using OsmExt.Compiler;
using OsmExt.Compiler.Policy;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.ControlPlane.Plugins;
using OsmExt.Kubernetes.Admission;
using OsmExt.Kubernetes.Manifests;
using OsmExt.PluginHost;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.Webhooks;

/// <summary>
/// Refuses objects of the mesh that would not count as they are, in the words in which the mesh would say so: the same reader and the same compiler
/// judge them. What depends on objects that may yet come, such as a reference to one that is not there, is a warning: files are applied in any order.
/// </summary>
internal sealed class ObjectReview(ResourceStore store, PluginsInForce plugins, LivePluginKinds kinds, CompilerOptions compiler, WebhookOptions options, TimeProvider time) : IDisposable
{
    // Findings of the compiler's that are the object's own fault.
    private static readonly HashSet<string> OwnFault = new(StringComparer.Ordinal)
    {
        DiagnosticCodes.InvalidPolicy, DiagnosticCodes.InvalidRegex, DiagnosticCodes.Conflict, DiagnosticCodes.AdmissionRefused, DiagnosticCodes.ContributionRefused,
        DiagnosticCodes.ContributionConflict, DiagnosticCodes.NotConverted,
    };

    private readonly SemaphoreSlim _places = new(options.ReviewsAtATime);

    public async Task<JsonObject> AnswerAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        if (request.Operation is not ("CREATE" or "UPDATE") || request.Object is not { } json)
        {
            return request.Allow([]);
        }

        var findings = await FindAsync(Named(json, request), cancellation).ConfigureAwait(false);
        var errors = findings.Where(found => found.Refuses).Select(found => found.Finding).ToArray();
        var warnings = findings.Where(found => !found.Refuses && found.Finding.Severity != Severity.Info).Select(found => found.Finding.ToString());
        return errors.Length > 0 ? request.Deny(422, "Invalid", string.Join('\n', errors.Select(error => error.ToString())), warnings) : request.Allow(warnings);
    }

    public void Dispose() => _places.Dispose();

    private async Task<IReadOnlyList<(Diagnostic Finding, bool Refuses)>> FindAsync(JsonObject json, CancellationToken cancellation)
    {
        var file = ManifestReader.Read(json.ToJsonString(), "", kinds.Current());
        var read = file.Diagnostics.Select(found => (Finding: found with { Location = null }, Refuses: found.Severity == Severity.Error)).ToList();
        if (read.Any(found => found.Refuses) || file.Objects is not [{ Resource: { } resource }])
        {
            return read;
        }

        if (resource is PluginResource custom)
        {
            read.AddRange(plugins.Current.Review(custom).Select(found => (found, found.Severity == Severity.Error)));
        }

        read.AddRange(read.Any(found => found.Refuses) ? [] : await CompileAsync(resource, cancellation).ConfigureAwait(false));
        return [.. read.DistinctBy(found => found.Finding.ToString()).OrderBy(found => found.Finding)];
    }

    // The whole mesh is compiled as it would be with the object. That takes long in a large mesh, and some other objects may be before: then it is let
    // through, and its status says later what this would have.
    private async Task<IEnumerable<(Diagnostic, bool)>> CompileAsync(Resource resource, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(options.ReviewPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            await _places.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return [];
        }

        var compile = Task.Run(() => Compile(resource), CancellationToken.None);
        _ = compile.ContinueWith(_ => _places.Release(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            return await compile.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return [];
        }
    }

    private (Diagnostic, bool)[] Compile(Resource resource)
    {
        var snapshot = store.Snapshot.Apply(new([new(resource.Key, resource)], [], true, 0), out _);
        return [.. OfflineMesh.Compile(snapshot, compiler, plugins.Current.Contribute).Diagnostics.Concat(Alone(resource, snapshot)).Where(found => found.Object == resource.Key)
            .Select(found => (found with { Location = null }, found.Severity == Severity.Error && OwnFault.Contains(found.Code)))];
    }

    // A mesh looks at routes only when somebody refers to them; whoever writes them wants to know now.
    private static EquatableArray<Diagnostic> Alone(Resource resource, ResourceSnapshot snapshot)
    {
        var found = new DiagnosticBag(snapshot);
        if (resource is HttpRouteGroup group)
        {
            foreach (var (match, index) in group.Matches.Select((match, index) => (match, index)))
            {
                HttpMatches.Of(group, match, index, found);
            }
        }

        return found.Sorted();
    }

    // The server names what has only a beginning of a name after asking.
    private static JsonObject Named(JsonObject json, AdmissionRequest request)
    {
        var copy = (JsonObject)json.DeepClone();
        if (copy["metadata"] is not JsonObject metadata)
        {
            copy["metadata"] = metadata = [];
        }

        metadata["namespace"] ??= request.Namespace.Length > 0 ? request.Namespace : null;
        if (metadata["name"] is null && metadata["generateName"] is not null)
        {
            metadata["name"] = $"{metadata["generateName"]}0";
        }

        return copy;
    }
}

using System.Text;
using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;
using OsmExt.Yaml;

namespace OsmExt.Kubernetes.Injection;

/// <summary>Gives the pods of a text of manifests their sidecars, also those that Deployments and the like make. Every document that nothing is injected into stays as it is written, to the letter.</summary>
/// <param name="settings">What is injected.</param>
/// <param name="namespaceOf">A namespace by its name.</param>
/// <param name="defaultNamespace">Where objects are that name none.</param>
internal sealed class ManifestInjector(InjectionSettings settings, Func<string, Namespace> namespaceOf, string defaultNamespace)
{
    private readonly List<Diagnostic> _diagnostics = [];
    private readonly List<(ResourceKey Object, string Outcome)> _outcomes = [];

    /// <summary>The text with sidecars, what became of each pod or template, and what is wrong.</summary>
    public (string Text, IReadOnlyList<(ResourceKey Object, string Outcome)> Outcomes, EquatableArray<Diagnostic> Diagnostics) Inject(string text, string file)
    {
        var (documents, problems) = YamlText.Read(text);
        _diagnostics.AddRange(problems.Select(problem => new Diagnostic(DiagnosticCodes.Syntax, Severity.Error, null, "",
            $"{char.ToUpperInvariant(problem.Message[0])}{problem.Message[1..]}", "Mend the document", new(file, problem.Position.Line, problem.Position.Column))));
        if (problems.Count > 0)
        {
            return (text, [], _diagnostics.ToEquatableArray());
        }

        var lines = LineStarts(text);
        var output = new StringBuilder();
        var kept = 0;
        foreach (var (document, index) in documents.Select((document, index) => (document, index)))
        {
            var (start, end) = (lines[(int)document.LineOffset], index + 1 < documents.Count ? lines[(int)documents[index + 1].LineOffset] : text.Length);
            if (ManifestJson.Of(document.Root) is JsonObject root && Walk(root, null))
            {
                output.Append(text, kept, start - kept);
                output.Append(text.AsSpan(start).TrimStart('\uFEFF').StartsWith("---", StringComparison.Ordinal) || index > 0 ? "---\n" : "").Append(YamlWriter.Write(root));
                kept = end;
            }
        }

        output.Append(text, kept, text.Length - kept);
        return (output.ToString(), _outcomes, new SortedSet<Diagnostic>(_diagnostics).ToEquatableArray());
    }

    private bool Walk(JsonObject root, string? inheritedKind)
    {
        var kind = PodObject.Text(root, "kind") is { Length: > 0 } own ? own : inheritedKind ?? "";
        if (kind.EndsWith("List", StringComparison.Ordinal))
        {
            // Each of them, so no short cut.
            return PodObject.Objects(root, "items").Select(item => Walk(item, kind == "List" ? null : kind[..^4])).ToArray().Contains(true);
        }

        var path = kind switch
        {
            "Pod" => "",
            "Deployment" or "ReplicaSet" or "StatefulSet" or "DaemonSet" or "Job" or "ReplicationController" => "spec.template.",
            "CronJob" => "spec.jobTemplate.spec.template.",
            _ => null,
        };
        if (path is null)
        {
            return false;
        }

        var template = path.Split('.', StringSplitOptions.RemoveEmptyEntries).Aggregate((JsonObject?)root, PodObject.Child);
        return template is not null && Inject(root, template, kind, path);
    }

    private bool Inject(JsonObject root, JsonObject template, string kind, string path)
    {
        var metadata = PodObject.Child(root, "metadata");
        var ns = PodObject.Text(metadata, "namespace") is { Length: > 0 } named ? named : defaultNamespace;
        var pod = new PodObject(template, ns, path, kind == "Pod" ? null : new(kind, ns, PodObject.Text(metadata, "name")));
        var injection = SidecarInjector.Inject(pod, namespaceOf(ns), settings, proxy: null);
        _diagnostics.AddRange(injection.Diagnostics);
        _outcomes.Add((pod.Key, injection.Pod is not null ? "injected" : injection.Reason ?? "refused"));
        if (injection.Pod is not { } injected)
        {
            return false;
        }

        foreach (var name in template.Select(entry => entry.Key).ToArray())
        {
            template.Remove(name);
        }

        foreach (var (name, value) in injected.ToArray())
        {
            injected.Remove(name);
            template[name] = value;
        }

        return true;
    }

    private static List<int> LineStarts(string text)
    {
        var starts = new List<int> { 0 };
        for (var at = text.IndexOf('\n'); at >= 0; at = text.IndexOf('\n', at + 1))
        {
            starts.Add(at + 1);
        }

        return starts;
    }
}

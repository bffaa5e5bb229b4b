using OsmExt.Compiler.Contributions;
using OsmExt.PluginHost.Certificates;
using OsmExt.PluginHost.Loading;
using OsmExt.PluginHost.Templates;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost.Running;

/// <summary>What one plugin asks certificates for. Where it cannot be told any more, what was asked before goes on: a mistake takes nobody's identity away, removing the object does.</summary>
internal sealed class CertificateRun(LoadedPlugin plugin, CollectedContributions collected, TimeProvider time)
{
    private static readonly TemplateLimits Limits = new();
    private readonly PluginManifest _manifest = plugin.Manifest;

    /// <param name="resources">The plugin's objects, the oldest first.</param>
    /// <param name="asked">What its code asks for; null when that cannot be told.</param>
    public void Into(IEnumerable<PluginResource> resources, IReadOnlyCollection<CertificateRequest>? asked)
    {
        var objects = resources.ToArray();
        var before = plugin.LastRequests;
        var requests = new List<CertificateRequest>();
        foreach (var slot in _manifest.Certificates.Where(slot => slot.For.Length > 0))
        {
            foreach (var resource in objects.Where(resource => string.Equals(resource.Kind, slot.For, StringComparison.Ordinal)))
            {
                if ((Rendered(slot, resource) ?? before.FirstOrDefault(request => request.Slot == slot.Name && request.Origin == resource.Key)) is { } request)
                {
                    requests.Add(request);
                }
                else
                {
                    Untold();
                }
            }
        }

        var mine = _manifest.Certificates.Where(slot => slot.For.Length == 0).Select(slot => slot.Name).ToHashSet(StringComparer.Ordinal);
        if (asked is null && mine.Count > 0 && !before.Any(request => mine.Contains(request.Slot)))
        {
            Untold();
        }

        foreach (var request in (asked ?? before.Where(request => mine.Contains(request.Slot))).OrderBy(request => request.Origin).ThenBy(request => request.Secret))
        {
            if (mine.Contains(request.Slot))
            {
                requests.Add(request);
            }
            else
            {
                Refuse(request.Slot, request.Origin, $"its manifest leaves no certificate \"{request.Slot}\" to its code", 0, "");
            }
        }

        plugin.LastRequests = requests;
        collected.Requests.AddRange(requests.Select(request => (plugin, request)));
    }

    // It may have asked for any of these before the process started, or a version before this one may.
    private void Untold() => collected.Untold.AddRange(plugin.MayIssue.Secrets);

    private CertificateRequest? Rendered(CertificateSlot slot, PluginResource resource)
    {
        var template = plugin.Templates[slot.Template];
        try
        {
            var schema = _manifest.Resources.First(kind => string.Equals(kind.Kind, slot.For, StringComparison.Ordinal)).Schema;
            var text = template.Render(TemplateModel.Of(_manifest, new(slot.Name, default, default), new(slot.Name, new()) { Model = resource.Spec, Origin = resource.Key }, schema, null), Limits, time);
            var (request, field, problem, line) = RequestReader.Read(text, slot.Name, resource.Key);
            if (request is null)
            {
                Refuse(slot.Name, resource.Key, $"{(field.Length > 0 ? $"{field}: " : "")}{problem}", line, template.Path);
            }

            return request;
        }
        catch (TemplateFailure failure)
        {
            Refuse(slot.Name, resource.Key, failure.Message, failure.Line, template.Path);
            return null;
        }
    }

    private void Refuse(string slot, ResourceKey? origin, string problem, int line, string file) => collected.Report(new Diagnostic(
        DiagnosticCodes.CertificateRefused, Severity.Error, origin ?? PlacedContribution.PluginKey(_manifest.Id), "", $"Plugin {_manifest.Id}, {slot}: {problem.TrimEnd('.')}",
        "Mend the template or the object; what was issued before stays meanwhile", line > 0 ? new SourceLocation(file, line) : null));
}

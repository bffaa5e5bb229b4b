using OsmExt.PluginHost.Manifests;
using OsmExt.PluginHost.Services;
using OsmExt.PluginHost.Templates;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Loading;

/// <summary>Makes a plugin of a folder: read, verify, ask the policy, parse, load. Every step that fails is a finding.</summary>
internal sealed class PluginLoader(PluginPolicy policy, TimeProvider time)
{
    /// <summary>The SDK's version, which manifests name ranges of.</summary>
    public static Version SdkVersion { get; } = typeof(IPlugin).Assembly.GetName().Version!;

    /// <summary>A plugin, or why there is none.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="known">A plugin that is taken as it is when the folder still holds the same files.</param>
    public PluginLoad Load(string folder, LoadedPlugin? known = null)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        if (known is not null)
        {
            // Whether or not its files are the ones in force, what the operator says now counts.
            known.MayIssue = policy.CertificatesOf(known.Id);
        }

        var findings = new Findings($"{name}/{PluginManifestReader.FileName}");
        PluginFiles files;
        try
        {
            files = PluginFiles.Read(folder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            findings.Error("", failure.Message.TrimEnd('.'), failure is InvalidDataException ? "Rename it" : "Make its files readable");
            return new(folder, null, null, findings.All);
        }

        if (files.Text(PluginManifestReader.FileName) is not { } text)
        {
            findings.Error("", "There is no such file", "Write one, or remove the folder");
            return new(folder, null, null, findings.All);
        }

        if (PluginManifestReader.Read(text, findings, files.Text) is not { } manifest)
        {
            return new(folder, null, null, findings.All);
        }

        if (!manifest.Sdk.Contains(SdkVersion))
        {
            findings.Error("sdk", $"It works with SDK {manifest.Sdk}, and this is {SdkVersion.ToString(3)}", "Use a version of the plugin that works with this one");
        }
        else if (policy.Refuses(manifest, files.Digest, files.Signature) is { } refusal)
        {
            findings.Error("", refusal.Message, refusal.Advice);
        }

        if (!findings.IsUsable)
        {
            return new(folder, null, manifest, findings.All) { IsRefused = true };
        }

        if (known is not null && string.Equals(known.Digest, files.Digest, StringComparison.Ordinal))
        {
            // The policy has looked at this one just now, and will look at it again when the folder is spoiled.
            known.Signature = files.Signature;
            return new(folder, known, manifest, findings.All);
        }

        return Assemble(folder, name, manifest, files, findings, string.Equals(known?.Id, manifest.Id, StringComparison.Ordinal) ? known : null);
    }

    /// <summary>Whether the operator lets a plugin run that runs already.</summary>
    public bool Allows(LoadedPlugin plugin) => policy.Refuses(plugin.Manifest, plugin.Digest, plugin.Signature) is null;

    private PluginLoad Assemble(string folder, string name, PluginManifest manifest, PluginFiles files, Findings findings, LoadedPlugin? before)
    {
        var all = new List<Diagnostic>();
        var templates = new Dictionary<string, PluginTemplate>(StringComparer.Ordinal);
        var conversions = manifest.Resources.SelectMany(kind => kind.Conversions).SelectMany(conversion => new[] { conversion.ToFirst, conversion.FromFirst });
        foreach (var path in manifest.Slots.Select(slot => slot.Template).Concat(manifest.Certificates.Select(slot => slot.Template)).Concat(conversions).Where(path => path.Length > 0).Distinct(StringComparer.Ordinal))
        {
            var template = new Findings($"{name}/{path}") { Plugin = manifest.Id };
            if (files.Text(path) is not { } text)
            {
                findings.Error("", $"There is no file \"{path}\"", "Put it beside plugin.yaml");
            }
            else if (PluginTemplate.Parse(text, $"{name}/{path}", template) is { } parsed)
            {
                templates[path] = parsed;
            }

            all.AddRange(template.All);
        }

        foreach (var slot in manifest.Slots.Where(slot => slot.Point is ContributionPoint.Weights or ContributionPoint.Route && templates.GetValueOrDefault(slot.Template) is { DependsOnProxy: true }))
        {
            findings.Error("contributions", $"\"{slot.Name}\" decides where traffic goes for all proxies, and {slot.Template} asks which proxy it is for", $"Do without {PluginTemplate.ProxyVariable} in it");
        }

        PluginAssembly? code = null;
        var kinds = manifest.Resources;
        if (manifest.Assembly.Length > 0 && findings.IsUsable && all.Count == 0)
        {
            try
            {
                code = files.Has(manifest.Assembly) ? PluginAssembly.Load(files, manifest.Assembly) : throw new InvalidOperationException($"There is no file \"{manifest.Assembly}\"");
                kinds = KindTypes.Known(manifest, code, files, findings);
                DeclaredTypes.Check(manifest, code, findings);
            }
            catch (InvalidOperationException failure)
            {
                findings.Error("assembly", failure.Message.TrimEnd('.'), "Publish the plugin again, with this version of the SDK");
            }
        }

        all.AddRange(findings.All);
        if (all.Exists(finding => finding.Severity == Severity.Error))
        {
            code?.Dispose();
            return new(folder, null, manifest, all);
        }

        manifest = manifest with { Resources = kinds };
        var services = new PluginServices(manifest, code, before?.Services.Values ?? new(), time);
        return new(folder, new(manifest, files.Digest, templates, code, new(time), services) { Files = files, Usage = before?.Usage ?? new(), Signature = files.Signature, MayIssue = policy.CertificatesOf(manifest.Id) }, manifest, all);
    }
}

/// <summary>What became of a folder.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Plugin">The plugin; null when it cannot be used.</param>
/// <param name="Manifest">Its manifest, as far as that could be read.</param>
/// <param name="Findings">What is wrong.</param>
internal sealed record PluginLoad(string Folder, LoadedPlugin? Plugin, PluginManifest? Manifest, IReadOnlyList<Diagnostic> Findings)
{
    /// <summary>Whether it must not run here, as opposed to being broken.</summary>
    public bool IsRefused { get; init; }

    /// <summary>Whether the operator lets the plugin run that was loaded from the folder before.</summary>
    public bool MayKeep { get; init; }
}

using OsmExt.Sdk.Plugins;
using OsmExt.Yaml;

namespace OsmExt.PluginHost.Manifests;

/// <summary>Reads what a manifest says about certificates.</summary>
internal static class CertificateSlotReader
{
    public static CertificateSlot Read(FieldReader fields)
    {
        var slot = new CertificateSlot(fields.Text("name", SlotReader.Name(), "Use lower-case letters, digits and dashes", required: "Give it a name") ?? "")
        {
            For = fields.Text("for") ?? "",
            Template = fields.Text("template", PluginManifestReader.RelativePath(), "Name a file of the plugin's folder") ?? "",
        };
        if (slot.For.Length > 0 != (slot.Template.Length > 0))
        {
            fields.Report("template", "Objects ask through a template, and code without one", "Write for and template, or neither");
        }

        fields.Done();
        return slot;
    }

    public static void CheckTogether(FieldReader fields, PluginManifest manifest)
    {
        foreach (var slot in manifest.Certificates.Where(slot => slot.For.Length == 0 ? manifest.Assembly.Length == 0 : !manifest.Resources.Any(kind => string.Equals(kind.Kind, slot.For, StringComparison.Ordinal))))
        {
            fields.Report("certificates", slot.For.Length == 0 ? $"Nobody asks for {YamlScalar.Quote(slot.Name)}" : $"The plugin reads no kind {YamlScalar.Quote(slot.For)}", "Name one of its resources in for");
        }

        foreach (var name in manifest.Certificates.GroupBy(slot => slot.Name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key))
        {
            fields.Report("certificates", $"Two are called {YamlScalar.Quote(name)}", "Give each a name of its own");
        }

        if (!manifest.Certificates.IsEmpty && !manifest.Capabilities.Contains(PluginCapability.IssueCertificates))
        {
            fields.Report("capabilities", $"Certificates need the capability {FieldReader.Dashed(PluginCapability.IssueCertificates)}", "Ask for it in capabilities; the operator decides");
        }
    }
}

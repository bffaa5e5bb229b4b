using OsmExt.Sdk.Plugins;
using OsmExt.Yaml;

namespace OsmExt.PluginHost.Manifests;

/// <summary>Reads the services of a manifest.</summary>
internal static class ServiceReader
{
    public static ServiceDeclaration Read(FieldReader fields)
    {
        var service = new ServiceDeclaration(
            fields.Text("name", SlotReader.Name(), "Use lower-case letters, digits and dashes", required: "Name the service") ?? "",
            fields.Text("type", required: $"Name the class that implements {nameof(IPluginService)}, with its namespace") ?? "")
        {
            IsPartOfReadiness = fields.Flag("readiness", false),
        };
        fields.Done();
        return service;
    }

    public static void CheckTogether(FieldReader fields, PluginManifest manifest)
    {
        if (manifest.Services.IsEmpty)
        {
            return;
        }

        foreach (var name in manifest.Services.GroupBy(service => service.Name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key))
        {
            fields.Report("services", $"Two services are called {YamlScalar.Quote(name)}", "Give each a name of its own");
        }

        if (manifest.Assembly.Length == 0)
        {
            fields.Report("services", "There is no code that could run", "Name the assembly, or remove services");
        }

        if (!manifest.Capabilities.Contains(PluginCapability.RunService))
        {
            fields.Report("capabilities", $"Services need the capability {FieldReader.Dashed(PluginCapability.RunService)}", "Ask for it in capabilities; the operator decides");
        }
    }
}

using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using Scriban.Runtime;

namespace OsmExt.PluginHost.Templates;

/// <summary>The variables a template sees.</summary>
internal static class TemplateModel
{
    public static ScriptObject Of(PluginManifest manifest, ContributionSlot slot, Contribution contribution, ConfigSchema? schema, ProxyScope? proxy)
    {
        var model = new ScriptObject
        {
            ["plugin"] = Plugin(manifest),
            ["name"] = contribution.Origin?.Name ?? "",
            ["namespace"] = contribution.Origin?.Namespace ?? "",
            ["slot"] = slot.Name,
            ["spec"] = TemplateJson.ReadOnly(contribution.Model.Root, schema),
            ["target"] = Target(contribution.Target),
        };
        if (proxy is not null)
        {
            model[PluginTemplate.ProxyVariable] = Fixed(
                ("namespace", proxy.Identity.Namespace), ("service_account", proxy.Identity.ServiceAccount),
                ("workload_kind", proxy.Workload.Kind), ("workload_name", proxy.Workload.Name), ("envoy", proxy.Capabilities.Version));
        }

        model.IsReadOnly = true;
        return model;
    }

    /// <summary>The variable that says which plugin the template is of.</summary>
    public static ScriptObject Plugin(PluginManifest manifest) => Fixed(("id", manifest.Id), ("version", manifest.Version.ToString()));

    private static ScriptObject Target(ContributionTarget target) => Fixed(
        ("namespace", target.Namespace), ("service_account", target.ServiceAccount),
        ("service", target.Service?.Name), ("service_namespace", target.Service?.Namespace), ("port", target.Port),
        ("route_group", target.Route?.Group), ("route_match", target.Route?.Match));

    private static ScriptObject Fixed(params (string Name, object? Value)[] fields)
    {
        var result = new ScriptObject();
        foreach (var (name, value) in fields)
        {
            result.Add(name, value!);
        }

        result.IsReadOnly = true;
        return result;
    }
}

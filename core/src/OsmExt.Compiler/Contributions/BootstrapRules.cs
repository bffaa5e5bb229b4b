using System.Text.Json.Nodes;
using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Metrics.V3;
using Google.Protobuf.Reflection;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Compiler.Contributions;

/// <summary>
/// What a plugin may say of the way Envoy starts: statistics, overload and runtime keys. Who the proxy is, where its configuration comes
/// from and who may ask it is the mesh's.
/// </summary>
internal static class BootstrapRules
{
    private static readonly AllowedFields Allowed = new(new Dictionary<MessageDescriptor, string>
    {
        [Bootstrap.Descriptor] = "stats_sinks stats_config stats_flush_interval stats_flush_on_admin layered_runtime overload_manager enable_dispatcher_stats application_log_config memory_allocator_manager",
        [LayeredRuntime.Descriptor] = "layers",
        // Others are read from files, from the control plane, or set through the admin interface.
        [RuntimeLayer.Descriptor] = "name static_layer",
    });

    /// <summary>The first thing that it must not say, and what to do; null where there is none.</summary>
    public static (string Field, string Problem, string Advice)? Problem(Bootstrap written, string plugin, EquatableArray<PluginCapability> granted)
    {
        if (Allowed.Other(written) is { } field)
        {
            return (field, $"{field} is not for a plugin to say", "Leave it out; core/docs/plugins.md lists what may be set");
        }

        if (written.LayeredRuntime?.Layers.FirstOrDefault(layer => !layer.Name.StartsWith($"{plugin}|", StringComparison.Ordinal)) is { } layer)
        {
            return ("layered_runtime.layers", $"The name \"{layer.Name}\" does not begin with \"{plugin}|\"", "Names of other beginnings belong to the mesh and to other plugins");
        }

        if (written.StatsSinks.Count > 0 && !granted.Contains(PluginCapability.CallHosts))
        {
            return ("stats_sinks", "Statistics are sent somewhere, which needs the capability call-hosts", "Ask for it in plugin.yaml; the operator decides");
        }

        for (var index = 0; index < written.StatsSinks.Count; index++)
        {
            if (Fields(EnvoyJson.ToNode(written.StatsSinks[index])).Any(name => name.EndsWith("cluster_name", StringComparison.Ordinal)))
            {
                return ($"stats_sinks[{index}]", "There are no clusters yet when Envoy starts, and it would refuse to", "Name an address");
            }
        }

        foreach (var (index, tag) in (written.StatsConfig?.StatsTags ?? []).Index())
        {
            if (Problem(tag) is { } problem)
            {
                return ($"stats_config.stats_tags[{index}].{problem.Field}", problem.Problem, problem.Advice);
            }
        }

        return null;
    }

    /// <summary>What is wrong with a tag, that would keep Envoy from starting.</summary>
    public static (string Field, string Problem, string Advice)? Problem(TagSpecifier tag)
    {
        if (tag.TagName.Length == 0 || tag.TagName.StartsWith("envoy.", StringComparison.Ordinal))
        {
            return ("tag_name", $"\"{tag.TagName}\" is no name for a tag of a plugin's: those that begin with envoy. are Envoy's own", "Use another name");
        }

        if (tag.TagValueCase == TagSpecifier.TagValueOneofCase.None)
        {
            return ("tag_name", "A tag has a value: fixed_value, or what regex finds in the names of statistics", "Set one of the two");
        }

        // Envoy reads these as ECMAScript does, and does not start when it cannot.
        return tag.TagValueCase != TagSpecifier.TagValueOneofCase.Regex ? null
            : Re2.Check(tag.Regex, BootstrapConfig.MaxRegexProgram) is not null || tag.Regex.Replace("(?:", "", StringComparison.Ordinal).Contains("(?", StringComparison.Ordinal)
                || Odd.Any(sign => tag.Regex.Contains(sign, StringComparison.Ordinal)) || !tag.Regex.Replace("(?:", "", StringComparison.Ordinal).Replace("\\(", "", StringComparison.Ordinal).Contains('(')
            ? ("regex", $"\"{tag.Regex}\" is no pattern that Envoy takes here: it has a group, and nothing but what RE2 and ECMAScript have both", "Write it like ^cluster\\.((.+?)\\.)")
            : null;
    }

    private static readonly string[] Odd = ["\\p", "\\P", "\\Q", "\\C", "\\A", "\\z", "\\a"];

    private static IEnumerable<string> Fields(JsonNode? node) => node switch
    {
        JsonObject fields => fields.SelectMany(field => Fields(field.Value).Prepend(field.Key)),
        JsonArray list => list.SelectMany(Fields),
        _ => [],
    };
}

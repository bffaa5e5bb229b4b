using OsmExt.PluginHost.Manifests;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Loading;

/// <summary>Looks for the classes that a manifest names, before anything of them runs.</summary>
internal static class DeclaredTypes
{
    public static void Check(PluginManifest manifest, PluginAssembly code, Findings findings)
    {
        foreach (var (index, service) in manifest.Services.Index())
        {
            Check<IPluginService>(service.Type, $"services[{index}].type", code, findings);
        }

        foreach (var (index, command) in manifest.Commands.Index())
        {
            Check<IPluginCommand>(command.Type, $"commands[{index}].type", code, findings);
        }
    }

    private static void Check<T>(string name, string field, PluginAssembly code, Findings findings)
    {
        try
        {
            if (code.Find(name) is not { } type)
            {
                findings.Error(field, $"The assembly has no type \"{name}\"", "Write its name with its namespace");
            }
            else if (!typeof(T).IsAssignableFrom(type) || type is { IsAbstract: true } or { IsVisible: false } || type.GetConstructor([]) is null)
            {
                findings.Error(field, $"{name} is no public class that implements {typeof(T).Name} and has a public constructor without parameters", "Make it one, or name another");
            }
        }
        catch (Exception failure) when (failure is IOException or TypeLoadException or BadImageFormatException or ArgumentException)
        {
            findings.Error(field, $"{name} cannot be looked at: {failure.Message.TrimEnd('.')}", "Ship what it needs beside the assembly");
        }
    }
}

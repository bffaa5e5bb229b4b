using System.Globalization;
using System.Runtime.InteropServices;

namespace OsmExt.Kubernetes.Tests.Sources;

/// <summary>A directory of its own for one test, with an empty <c>manifests</c> directory in it.</summary>
internal sealed class TempTree : IDisposable
{
    private readonly string _base = Directory.CreateTempSubdirectory("osm-manifests-").FullName;
    private int _writes;

    public TempTree() => Directory.CreateDirectory(Root);

    public string Root => Path.Combine(_base, "manifests");

    /// <summary>A path beside the watched directory.</summary>
    public string Outside(string name) => Path.Combine(_base, name);

    public string At(string name) => Path.Combine(Root, name);

    /// <summary>
    /// Writes in place. The time of writing is moved on by hand: two writes in one tick of the kernel's clock would leave equal
    /// stamps, which only an event could tell apart.
    /// </summary>
    public void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), text);
        Touch(At(name));
    }

    public void Touch(string path)
        => File.SetLastWriteTimeUtc(path, DateTime.Parse("2025-01-01", CultureInfo.InvariantCulture).AddSeconds(++_writes));

    /// <summary>Puts a whole file in place by a rename.</summary>
    public void Replace(string name, string text)
    {
        var complete = Outside($"complete-{++_writes}");
        File.WriteAllText(complete, text);
        Touch(complete);
        File.Move(complete, At(name), overwrite: true);
    }

    public void Link(string name, string target) => File.CreateSymbolicLink(At(name), target);

    /// <summary>Lets a link lead elsewhere, in one step, as the kubelet does.</summary>
    public void Swap(string name, string target)
    {
        Link($"{name}_tmp", target);
        Assert.Equal(0, Rename(At($"{name}_tmp"), At(name)));
    }

    // The framework's moves look through a link to a directory.
    [DllImport("libc", EntryPoint = "rename", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Rename(string from, string to);

    public void Dispose() => Directory.Delete(_base, recursive: true);
}
